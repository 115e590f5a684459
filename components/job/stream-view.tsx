"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { joinStream } from "@/components/job/stream-text";
import { usePlace } from "@/components/shell/place";
import { isTerminal, type JobStatus } from "@/lib/jobs/lifecycle";
import { fetchJobStream, jobKeys } from "@/lib/jobs/queries";
import type { JobStream } from "@/lib/jobs/schema";

const POLL_MS = { flowing: 500, silent: 2000 } as const;

export const streamKey = (slug: string, id: string) => [...jobKeys.detail(slug, id), "stream"] as const;

type StreamViewProps = {
  id: string;
  status: JobStatus /** Shown when nothing was streamed. */;
  otherwise?: ReactNode;
};

/**
 * Streamed output as it comes. The server keeps every piece, so a reload starts with what was there and asks only for
 * what is new.
 */
export function StreamView({ id, status, otherwise }: StreamViewProps) {
  const { slug } = usePlace();
  const client = useQueryClient();
  const queryKey = streamKey(slug, id);
  const { data } = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<JobStream> => {
      const known = client.getQueryData<JobStream>(queryKey)?.chunks ?? [];
      const fresh = await fetchJobStream(slug, id, known.at(-1)?.seq ?? -1, signal);
      return { chunks: [...known, ...fresh.chunks], done: fresh.done };
    },
    enabled: status !== "SENDING" && status !== "IN_QUEUE" && status !== "REJECTED",
    // Most jobs stream nothing: they are asked seldom.
    refetchInterval: ({ state }) =>
      state.data?.done ? false : state.data?.chunks.length ? POLL_MS.flowing : POLL_MS.silent,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const streamed = useMemo(() => joinStream(data?.chunks.map((chunk) => chunk.data) ?? []), [data]);
  if (!data || data.chunks.length === 0) return otherwise;
  const moving = !isTerminal(status);
  return (
    <section aria-label="Streamed output" aria-busy={moving}>
      {!moving && <p className="mb-2 text-sm text-muted">What was streamed; there is no other output.</p>}
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
