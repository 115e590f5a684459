"use client";

import { ErrorState } from "@/components/ui/error-state";

/** Keeps the shell, so that the other pages stay within reach. */
export default function WorkspaceError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <ErrorState
      title="This page could not be shown"
      message={`Something failed on the server. Your jobs are not affected.${error.digest ? ` The server's log has the reason under ${error.digest}.` : ""}`}
      onRetry={reset}
    />
  );
}
