"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { FoldedSection } from "@/components/composer/folded-section";
import { Skeleton } from "@/components/ui/skeleton";

const SentBefore = dynamic(() => import("@/components/composer/sent-before"), {
  ssr: false,
  loading: () => <Skeleton className="h-24 w-full" />,
});

/** Asks for the list when it is opened, not before. */
export function HistorySection({ endpointId }: { endpointId: string | undefined }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <FoldedSection title="Sent before" onToggle={setOpen}>
      {!endpointId && <p className="text-sm text-muted">Choose an endpoint to see what was sent to it.</p>}
      {isOpen && endpointId && <SentBefore key={endpointId} endpointId={endpointId} />}
    </FoldedSection>
  );
}
