"use client";

import { useQuery } from "@tanstack/react-query";
import { readHealth } from "@/components/endpoints/health-words";
import { usePlace } from "@/components/shell/place";
import { ErrorState } from "@/components/ui/error-state";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { endpointHealthOptions } from "@/lib/endpoints/queries";

const WORKERS = ["running", "idle", "ready", "initializing", "throttled", "unhealthy"] as const;
const JOBS = [
  ["inQueue", "in queue"],
  ["inProgress", "in progress"],
  ["completed", "completed"],
  ["failed", "failed"],
  ["retried", "retried"],
] as const;

/** What the endpoint says about itself, asked anew every 15 s while the page is looked at. */
export function HealthView({ id }: { id: string }) {
  const { slug } = usePlace();
  const { data, error, refetch, isFetching } = useQuery(endpointHealthOptions(slug, id));
  if (error && !data)
    return (
      <ErrorState
        title="The endpoint did not answer"
        message={error.message}
        onRetry={() => void refetch()}
        busy={isFetching}
      />
    );
  if (!data) return <Skeleton className="h-24 w-full" />;
  const reading = readHealth(data);
  return (
    <div className="space-y-3">
      {reading && <Notice tone={reading.tone}>{reading.words}</Notice>}
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        <Counters title="Workers now" items={WORKERS.map((name) => [name, data.workers[name] ?? 0])} />
        <Counters
          title="Jobs, as the endpoint counts them"
          items={JOBS.map(([key, words]) => [words, data.jobs[key] ?? 0])}
        />
      </div>
    </div>
  );
}

function Counters({ title, items }: { title: string; items: [name: string, count: number][] }) {
  return (
    <section>
      <h3 className="label-caps mb-1">{title}</h3>
      <dl className="divide-y text-sm">
        {items.map(([name, count]) => (
          <div key={name} className="flex justify-between py-1">
            <dt className="text-muted">{name}</dt>
            <dd className={count === 0 ? "text-faint" : "font-medium"}>{count.toLocaleString("en")}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
