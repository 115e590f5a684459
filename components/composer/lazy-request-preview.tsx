"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";

/** Nobody waits for the preview to begin writing, so it is not part of what the page loads first. */
export const LazyRequestPreview = dynamic(() => import("@/components/composer/request-preview"), {
  ssr: false,
  loading: () => (
    <div role="status" className="space-y-2">
      <span className="sr-only">The preview is loading</span>
      <Skeleton className="h-4 w-32" />
      <Skeleton className="h-9 w-full" />
      <Skeleton className="h-40 w-full" />
    </div>
  ),
});
