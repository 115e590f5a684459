"use client";

import { EntryFrame } from "@/components/entry/entry-frame";
import { useReturn } from "@/components/entry/use-return";
import { Button } from "@/components/ui/button";

/** A page that could not be shown. The number finds the cause in the server's log; the cause itself stays there. */
export function PageFault({ digest, onRetry }: { digest?: string; onRetry: () => void }) {
  const isAway = useReturn(onRetry);
  if (isAway)
    return (
      <EntryFrame
        title="Jobdeck cannot reach its database"
        lead="It may be restarting. Jobs that were sent go on at the provider. This page opens by itself as soon as it can."
      >
        <Button onClick={onRetry}>Try now</Button>
      </EntryFrame>
    );
  return (
    <EntryFrame
      title="This page could not be shown"
      lead="Something failed on the server while it was put together. Your jobs are not affected: they are watched in the background."
    >
      <Button look="primary" onClick={onRetry}>
        Try again
      </Button>
      {digest && (
        <p className="mt-4 text-sm text-muted">
          If it stays, look for <code className="font-mono">{digest}</code> in the server's log.
        </p>
      )}
    </EntryFrame>
  );
}
