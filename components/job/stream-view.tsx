"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { joinStream } from "@/components/job/stream-text";
import { usePlace } from "@/components/shell/place";
import { isTerminal, type JobStatus } from "@/lib/jobs/lifecycle";
import { fetchJobStream, jobKeys } from "@/lib/jobs/queries";
import type { JobStream } from "@/lib/jobs/schema";

const POLL_MS = 500;

/**
 * Streamed output as it comes. The server keeps every piece, so a reload starts with what was there and asks only for
 * what is new.
 */
export function StreamView({ id, status }: { id: string; status: JobStatus }) {
  const { slug } = usePlace();
  const client = useQueryClient();
  const queryKey = [...jobKeys.detail(slug, id), "stream"];
  const { data } = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<JobStream> => {
      const known = client.getQueryData<JobStream>(queryKey)?.chunks ?? [];
      const fresh = await fetchJobStream(slug, id, known.at(-1)?.seq ?? -1, signal);
      return { chunks: [...known, ...fresh.chunks], done: fresh.done };
    },
    enabled: status !== "SENDING" && status !== "IN_QUEUE" && status !== "REJECTED",
    refetchInterval: (query) => (query.state.data?.done ? false : POLL_MS),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const streamed = useMemo(() => joinStream(data?.chunks.map((chunk) => chunk.data) ?? []), [data]);
  if (!data || data.chunks.length === 0) return null;
  const moving = !isTerminal(status);
  return (
    <section aria-label="Streamed output" aria-busy={moving}>
      {streamed.kind === "text" ? (
        <p className="max-w-prose border-l-2 pl-3 text-base leading-6 break-words whitespace-pre-wrap">
          {streamed.text}
          {moving && (
            <span aria-hidden className="ml-0.5 inline-block h-4 w-1.5 animate-breathe bg-ink align-middle" />
          )}
        </p>
      ) : (
        <ol className="max-h-128 overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs leading-5">
          {data.chunks.map((chunk) => (
            <li key={chunk.seq} className="break-all whitespace-pre-wrap">
              {chunk.data}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
