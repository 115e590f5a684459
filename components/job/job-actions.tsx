"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Ban, CopyPlus, RotateCcw, SquarePen } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { streamKey } from "@/components/job/stream-view";
import { useJobAction } from "@/components/job/use-job-action";
import { useMay, usePlace } from "@/components/shell/place";
import { useShortcut } from "@/components/shell/shortcuts";
import { Button, ButtonLink } from "@/components/ui/button";
import { newClientKey } from "@/components/ui/client-key";
import { useNow } from "@/components/ui/clock";
import { toast } from "@/components/ui/toast";
import { Tooltip } from "@/components/ui/tooltip";
import { cancelJobAction, retryJobAction, runAgainAction } from "@/lib/jobs/actions";
import { isTerminal, isWatched } from "@/lib/jobs/lifecycle";
import { jobOutputOptions } from "@/lib/jobs/queries";
import type { JobRow } from "@/lib/jobs/schema";
import { RETENTION_MS } from "@/lib/requests/limits";

/** Cancel, retry, run again, edit and run again: those that make sense for the state and the viewer's role. */
export function JobActions({ job }: { job: JobRow }) {
  const { slug } = usePlace();
  const router = useRouter();
  const client = useQueryClient();
  const now = useNow();
  const [maySubmit, mayCancel] = [useMay("jobs:submit"), useMay("jobs:cancel")];
  const { act, busy } = useJobAction(job.id);
  // One key per wish to run it again: a second press while the first is unanswered is the same job.
  const runKey = useRef<string | null>(null);

  const cancel = async () => {
    const done = await act("cancel", (place) => cancelJobAction(place, { id: job.id }));
    if (done && done.status !== "CANCELLED") toast.done({ title: "Cancel requested" });
  };
  const retry = async () => {
    const done = await act("retry", (place) => retryJobAction(place, { id: job.id }));
    // The new attempt streams and answers anew; nothing of the old one may stand beside it.
    if (done)
      for (const queryKey of [streamKey(slug, job.id), jobOutputOptions(slug, job.id).queryKey])
        client.removeQueries({ queryKey });
  };
  const runAgain = async () => {
    runKey.current ??= newClientKey();
    const clientKey = runKey.current;
    const made = await act("again", (place) => runAgainAction(place, { id: job.id, clientKey }));
    if (!made) return;
    runKey.current = null;
    router.push(`/${slug}/jobs/${made.id}`);
  };
  const editHref = `/${slug}/compose?from=${job.id}`;

  const canCancel = mayCancel && (isWatched(job.status) || job.status === "SENDING");
  const stillKept =
    job.finishedAt !== null && now !== null && now - new Date(job.finishedAt).getTime() < RETENTION_MS.run;
  const canRetry = maySubmit && (job.status === "FAILED" || job.status === "TIMED_OUT") && stillKept;
  const canRunAgain = maySubmit && isTerminal(job.status);

  useShortcut("r", "Run this job again", canRunAgain ? () => void runAgain() : null);
  useShortcut("e", "Edit and run again", maySubmit ? () => router.push(editHref) : null);

  return (
    <>
      {canCancel && (
        <Button
          busy={busy === "cancel"}
          disabled={job.cancelRequestedAt !== null}
          onClick={() => void cancel()}
          icon={<Ban aria-hidden className="size-4" />}
        >
          {job.cancelRequestedAt ? "Cancelling" : "Cancel"}
        </Button>
      )}
      {canRetry && (
        <Tooltip label="The same job once more, at the provider">
          <Button
            busy={busy === "retry"}
            onClick={() => void retry()}
            icon={<RotateCcw aria-hidden className="size-4" />}
          >
            Retry
          </Button>
        </Tooltip>
      )}
      {maySubmit && (
        <Tooltip label="Change something, then run it as a new job" keys={["e"]}>
          <ButtonLink href={editHref} icon={<SquarePen aria-hidden className="size-4" />}>
            Edit and run again
          </ButtonLink>
        </Tooltip>
      )}
      {canRunAgain && (
        <Tooltip label="The same request as a new job" keys={["r"]}>
          <Button
            look="primary"
            busy={busy === "again"}
            onClick={() => void runAgain()}
            icon={<CopyPlus aria-hidden className="size-4" />}
          >
            Run again
          </Button>
        </Tooltip>
      )}
    </>
  );
}
