"use client";

import { useReturn } from "@/components/entry/use-return";
import { ErrorState } from "@/components/ui/error-state";

/** Keeps the shell, so that the other pages stay within reach. */
export default function WorkspaceError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  if (useReturn(reset))
    return (
      <ErrorState
        title="Jobdeck cannot reach its database"
        message="It may be restarting. Jobs that were sent go on at the provider. This page opens by itself as soon as it can."
        onRetry={reset}
      />
    );
  return (
    <ErrorState
      title="This page could not be shown"
      message={`Something failed on the server. Your jobs are not affected.${error.digest ? ` The server's log has the reason under ${error.digest}.` : ""}`}
      onRetry={reset}
    />
  );
}
