"use client";

import { useQuery } from "@tanstack/react-query";
import { holdOf, lateWords, perSecondWords } from "@/components/endpoints/pressure-words";
import { usePlace } from "@/components/shell/place";
import { cx } from "@/components/ui/class-names";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { endpointPressureOptions } from "@/lib/endpoints/queries";
import type { Pressure } from "@/lib/endpoints/schema";

const OPERATION_WORDS = { run: "send", status: "status", cancel: "cancel" } as const;
const LAG_WORDS = { unsent: "to be sent", queued: "in queue", running: "running" } as const;

/** How hard this endpoint is asked, against its limits, and how late we are: of all collectors together, every 2 s. */
export function PressureView({ id }: { id: string }) {
  const { slug } = usePlace();
  const { data, error, refetch, isFetching } = useQuery(endpointPressureOptions(slug, id));
  if (!data)
    return error ? (
      <ErrorState
        title="The figures could not be loaded"
        message={error.message}
        onRetry={() => void refetch()}
        busy={isFetching}
      />
    ) : (
      <Skeleton className="h-24 w-full" />
    );
  return (
    <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
      <section>
        <h3 className="label-caps mb-1">Requests per second</h3>
        <dl className="divide-y text-sm">
          {data.rates.map((rate) => (
            <RateLine key={rate.operation} rate={rate} now={data.now} />
          ))}
        </dl>
      </section>
      <section>
        <h3 className="label-caps mb-1">Jobs, and how late we look at them</h3>
        <dl className="divide-y text-sm">
          {(["unsent", "queued", "running"] as const).map((phase) => (
            <LagLine key={phase} name={LAG_WORDS[phase]} lag={data.lag[phase]} />
          ))}
        </dl>
      </section>
    </div>
  );
}

type RateLineProps = { rate: Pressure["rates"][number]; now: string };

function RateLine({ rate, now }: RateLineProps) {
  const hold = holdOf(rate, now);
  const shareOf = (perSecond: number) => `${Math.min(100, (100 * perSecond) / rate.limitPerSecond)}%`;
  return (
    <div className="grid grid-cols-[1fr_auto] items-baseline gap-x-3 py-1.5">
      <dt className="text-muted">{OPERATION_WORDS[rate.operation]}</dt>
      <dd className="tabular-nums">
        <span className={rate.perSecond === 0 ? "text-faint" : "font-medium"}>
          {perSecondWords(rate.perSecond)}
        </span>
        <span className="text-faint"> of {perSecondWords(rate.limitPerSecond)}</span>
      </dd>
      {/* The figures above it say the same. */}
      <dd aria-hidden className="col-span-2 mt-1 h-1 overflow-hidden rounded-full bg-pressed">
        <div
          className={cx("h-full rounded-full", hold.tone === "calm" ? "bg-accent" : "bg-warning-ink")}
          style={{ width: shareOf(rate.perSecond) }}
        />
      </dd>
      {hold.tone !== "calm" && <dd className="col-span-2 mt-1 text-xs text-warning-ink">{hold.words}</dd>}
    </div>
  );
}

function LagLine({ name, lag }: { name: string; lag: Pressure["lag"]["running"] }) {
  const late = lateWords(lag.lateMs);
  return (
    <div className="flex items-baseline justify-between gap-3 py-1.5">
      <dt className="text-muted">{name}</dt>
      <dd className="flex items-baseline gap-3 tabular-nums">
        {late && lag.jobs > 0 && (
          <span className={cx("text-xs", late.isLate ? "text-warning-ink" : "text-faint")}>{late.words}</span>
        )}
        <span className={lag.jobs === 0 ? "text-faint" : "font-medium"}>{lag.jobs.toLocaleString("en")}</span>
      </dd>
    </div>
  );
}
