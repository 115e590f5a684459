"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { BatchProgress } from "@/components/batches/batch-progress";
import { JobsTable } from "@/components/jobs/jobs-table";
import { useLiveJobs } from "@/components/jobs/use-live-jobs";
import { PageHeader } from "@/components/shell/page-header";
import { useMay, usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { pauseBatchAction, resumeBatchAction, stopBatchAction } from "@/lib/batches/actions";
import { batchOptions } from "@/lib/batches/queries";
import type { BatchRow } from "@/lib/batches/schema";
import type { Result } from "@/lib/kernel/result";

type Act = (slug: string, input: { id: string }) => Promise<Result<null>>;

export function BatchView({ id }: { id: string }) {
  const { slug } = usePlace();
  const batch = useQuery(batchOptions(slug, id));
  if (batch.isError && !batch.data)
    return (
      <ErrorState
        title="The batch could not be loaded"
        message={batch.error.message}
        onRetry={() => void batch.refetch()}
        busy={batch.isFetching}
      />
    );
  if (!batch.data) return null;
  return (
    <>
      <PageHeader
        title={batch.data.name}
        lead={`${batch.data.total.toLocaleString("en")} requests to ${batch.data.endpoint.name}`}
        actions={<BatchActions batch={batch.data} />}
      />
      {batch.data.state === "paused" && (
        <div className="mb-3">
          <Notice tone="warning" title="Paused">
            Jobs that were sent go on; the others wait until you resume.
          </Notice>
        </div>
      )}
      <BatchProgress batch={batch.data} />
      <BatchJobs id={id} />
    </>
  );
}

function BatchActions({ batch }: { batch: BatchRow }) {
  const { slug } = usePlace();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [stopping, setStopping] = useState(false);
  const mayCancel = useMay("jobs:cancel");
  const unsent = batch.counts.SENDING ?? 0;
  const act = async (run: Act): Promise<boolean> => {
    setBusy(true);
    try {
      const result = await run(slug, { id: batch.id });
      if (!result.ok) toast.failed({ title: "That did not work", description: result.error.message });
      return result.ok;
    } catch {
      toast.failed({ title: "No answer came back", description: "The page shows what is true in a moment." });
      return false;
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: batchOptions(slug, batch.id).queryKey });
    }
  };
  if (!mayCancel || batch.state === "stopped" || (unsent === 0 && batch.state === "running")) return null;
  return (
    <>
      {batch.state === "running" ? (
        <Button busy={busy} onClick={() => void act(pauseBatchAction)}>
          Pause
        </Button>
      ) : (
        <Button look="primary" busy={busy} onClick={() => void act(resumeBatchAction)}>
          Resume
        </Button>
      )}
      <Button look="danger" disabled={busy} onClick={() => setStopping(true)}>
        Stop
      </Button>
      <ConfirmDialog
        open={stopping}
        onOpenChange={setStopping}
        title="Stop this batch?"
        confirmLabel="Stop"
        danger
        onConfirm={() => act(stopBatchAction)}
      >
        <p>
          {unsent.toLocaleString("en")} {unsent === 1 ? "request that was" : "requests that were"} not sent
          will be cancelled for good. What was sent goes on and can be cancelled job by job.
        </p>
      </ConfirmDialog>
    </>
  );
}

function BatchJobs({ id }: { id: string }) {
  const { slug } = usePlace();
  const { jobs, list } = useLiveJobs(slug, { batch: id });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (list.isError && jobs.length === 0)
    return (
      <ErrorState
        title="Its jobs could not be loaded"
        message={list.error.message}
        onRetry={() => void list.refetch()}
        busy={list.isFetching}
      />
    );
  return (
    <div className="mt-5">
      <JobsTable slug={slug} jobs={jobs} onEnd={onEnd} />
    </div>
  );
}
