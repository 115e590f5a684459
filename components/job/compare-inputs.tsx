"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { shortId } from "@/components/job/short-id";
import { usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { ErrorState } from "@/components/ui/error-state";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { stateWord } from "@/components/ui/state-badge";
import { jobDetailOptions, jobListOptions } from "@/lib/jobs/queries";
import type { JobDetail } from "@/lib/jobs/schema";
import { diffJson } from "@/lib/requests/json-diff";

const OFFERED = 30;
/** Characters of both requests together; more would be felt as a pause. */
const COMPARED_MAX = 2_000_000;
const SHOWN_CHARACTERS = 400;

type CompareInputsProps = { job: JobDetail; otherId: string | null; onChoose: (id: string) => void };

/** The request of this job beside that of another one of the same endpoint. */
export default function CompareInputs({ job, otherId, onChoose }: CompareInputsProps) {
  const { slug } = usePlace();
  const list = useInfiniteQuery(jobListOptions(slug, { endpoint: job.endpoint.id }));
  const other = useQuery({
    ...jobDetailOptions(slug, otherId ?? ""),
    enabled: otherId !== null,
    refetchInterval: false,
  });
  const offered = (list.data?.pages[0]?.jobs ?? []).filter(({ id }) => id !== job.id).slice(0, OFFERED);
  const options = offered.map(({ id, status, inputSummary }) => ({
    value: id,
    label: `${shortId(id)} · ${inputSummary || "{}"}`,
    note: stateWord(status),
  }));
  // The one that this job was made from may be older than all that are offered.
  if (otherId && !options.some(({ value }) => value === otherId))
    options.unshift({ value: otherId, label: shortId(otherId), note: "" });
  return (
    <section aria-labelledby="compare" className="space-y-3">
      <h2 id="compare" className="text-sm font-medium">
        Compare with another job
      </h2>
      <Select
        label="The job to compare with"
        placeholder={list.isPending ? "The jobs are loading…" : "Choose a job of this endpoint…"}
        value={otherId}
        onChange={onChoose}
        options={options}
      />
      {list.isError && (
        <ErrorState
          title="The jobs could not be loaded"
          message={list.error.message}
          onRetry={() => void list.refetch()}
        />
      )}
      {list.isSuccess && options.length === 0 && (
        <p className="text-sm text-muted">This endpoint has no other job yet.</p>
      )}
      {otherId && other.isPending && <Skeleton className="h-20 w-full" />}
      {other.isError && (
        <ErrorState title="The other job could not be loaded" message={other.error.message} />
      )}
      {other.data && <Differences job={job} other={other.data} slug={slug} />}
    </section>
  );
}

function Differences({ job, other, slug }: { job: JobDetail; other: JobDetail; slug: string }) {
  const isTooLarge = job.request.length + other.request.length > COMPARED_MAX;
  const { changes, isCut } = useMemo(
    () => (isTooLarge ? { changes: [], isCut: false } : diffJson(other.request, job.request)),
    [isTooLarge, other.request, job.request],
  );
  if (isTooLarge)
    return <p className="text-sm text-muted">These requests are too large to be compared here.</p>;
  if (changes.length === 0)
    return (
      <p role="status" className="text-sm text-muted">
        Both requests say the same. Covered secrets are not compared.
      </p>
    );
  return (
    <div className="space-y-2">
      <p role="status" className="text-sm text-muted">
        {isCut ? `More than ${changes.length}` : changes.length}{" "}
        {changes.length === 1 ? "difference" : "differences"} to{" "}
        <AppLink href={`/${slug}/jobs/${other.id}`} className="text-accent-ink underline">
          job <span className="font-mono text-xs">{shortId(other.id)}</span>
        </AppLink>
        . The order of keys does not count; covered secrets are not compared.
      </p>
      <ul className="divide-y border-y">
        {changes.map(({ path, before, after }) => (
          <li key={path} className="grid gap-x-4 gap-y-1 py-2 sm:grid-cols-2">
            <code className="font-mono text-xs font-medium break-all sm:col-span-2">{path}</code>
            <Side name="The other job" text={before} />
            <Side name="This job" text={after} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Side({ name, text }: { name: string; text: string | null }) {
  return (
    <div className="min-w-0">
      <p className="text-2xs text-faint">{name}</p>
      {text === null ? (
        <p className="text-xs text-muted">not there</p>
      ) : (
        <pre className="max-h-40 overflow-hidden font-mono text-xs leading-5 break-words whitespace-pre-wrap">
          {text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text}
        </pre>
      )}
    </div>
  );
}
