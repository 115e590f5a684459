"use client";

import { useQuery } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import { BatchProgress } from "@/components/batches/batch-progress";
import { useMay, usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { batchListOptions } from "@/lib/batches/queries";

export function BatchesView() {
  const { slug } = usePlace();
  const maySubmit = useMay("jobs:submit");
  const list = useQuery(batchListOptions(slug));
  if (list.isError)
    return (
      <ErrorState
        title="The batches could not be loaded"
        message={list.error.message}
        onRetry={() => void list.refetch()}
        busy={list.isFetching}
      />
    );
  const batches = list.data?.batches ?? [];
  if (batches.length === 0)
    return (
      <EmptyState
        icon={<Layers aria-hidden />}
        title="No batches yet"
        action={
          maySubmit && (
            <ButtonLink look="primary" href={`/${slug}/batches/new`}>
              Send many requests
            </ButtonLink>
          )
        }
      >
        A batch sends up to 5,000 requests at the pace that the provider allows. It can be paused and stopped.
      </EmptyState>
    );
  return (
    <ul className="divide-y border-y">
      {batches.map((batch) => (
        <li
          key={batch.id}
          className="relative grid gap-x-6 gap-y-1 py-2.5 text-sm hover:bg-hover sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_6rem]"
        >
          <div className="min-w-0">
            <AppLink
              href={`/${slug}/batches/${batch.id}`}
              className="block truncate font-medium before:absolute before:inset-0 hover:underline"
            >
              {batch.name}
            </AppLink>
            <span className="text-xs text-muted">
              {batch.endpoint.name} {batch.state !== "running" && <Badge tone="warning">{batch.state}</Badge>}
            </span>
          </div>
          <BatchProgress batch={batch} />
          <span className="text-right text-xs text-faint">
            <RelativeTime at={batch.createdAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
