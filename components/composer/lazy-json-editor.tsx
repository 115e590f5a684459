"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";

/** The editor is the heaviest part of the composer; nothing else waits for it. */
export const LazyJsonEditor = dynamic(() => import("@/components/composer/json-editor"), {
  ssr: false,
  loading: () => (
    <div role="status" className="space-y-2 p-3">
      <span className="sr-only">The editor is loading</span>
      <Skeleton className="h-3 w-10" />
      <Skeleton className="ml-4 h-3 w-1/2" />
      <Skeleton className="ml-4 h-3 w-1/3" />
      <Skeleton className="h-3 w-10" />
    </div>
  ),
});
