import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { WorkerEnvironment } from "@/lib/local-endpoint/workers/worker-environment";

/** A job as the queue hands it out. Only `id` and `input` are promised; the rest is there when the request carried it. */
const takenJob = z
  .looseObject({ id: z.string().min(1), input: z.unknown().optional(), s3Config: z.unknown().optional() })
  .refine((job) => "input" in job, "has no input");
export type TakenJob = z.infer<typeof takenJob>;

/** Jobs, or how long to wait before asking again. `problem` is worth a line in the log. */
export type Take = { jobs: TakenJob[]; waitMs: number; problem?: string };

const stopMessage = z.object({ jobsToStop: z.array(z.string()).default([]) });

/** runpod-python gives a take up after 90 s; a queue therefore answers 204 before that. */
const LONG_POLL_MS = 90_000;
const POST_MS = 60_000;
/**
 * Waits between the tries of a result that a 5xx refused or that got no answer. The first two are runpod-python's; ours
 * goes on for longer, because a queue that restarts takes longer than 5 s, and ends before it gives the job away.
 */
const RESULT_WAITS_MS = [2000, 3000, 5000, 10_000, 15_000];

export type QueueClient = ReturnType<typeof createQueueClient>;

/** The HTTP half of the worker protocol: one method per exchange of runpod-python. */
export function createQueueClient(
  env: WorkerEnvironment,
  effects: {
    fetch?: typeof globalThis.fetch;
    wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
  } = {},
) {
  const fetch = effects.fetch ?? globalThis.fetch;
  const wait = effects.wait ?? ((ms, signal) => sleep(ms, undefined, { signal }));

  const get = (url: string, timeoutMs: number, signal?: AbortSignal) =>
    fetch(url, {
      headers: { authorization: env.apiKey, "content-type": "application/json" },
      signal: signal
        ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
        : AbortSignal.timeout(timeoutMs),
    });

  /** The body is JSON, the content type is a form: so do the official workers, so a queue has to cope with it. */
  const post = async (url: string, jobId: string, body: string) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        authorization: env.apiKey,
        "content-type": "application/x-www-form-urlencoded",
        charset: "utf-8",
        "x-request-id": jobId,
      },
      body,
      signal: AbortSignal.timeout(POST_MS),
    });
    await response.arrayBuffer(); // an unread body keeps its socket
    return response.status;
  };

  const postUntilTaken = async (url: string, jobId: string, body: string): Promise<number | undefined> => {
    for (const waitMs of [...RESULT_WAITS_MS, undefined]) {
      const status = await post(url, jobId, body).catch(() => undefined);
      if ((status !== undefined && status < 500) || waitMs === undefined) return status;
      await wait(waitMs);
    }
  };

  return {
    /** Long poll for up to `free` jobs. An aborted `signal` rejects. */
    async take(free: number, busy: boolean, signal: AbortSignal): Promise<Take> {
      const url = free > 1 ? env.takeBatchUrl(free, busy) : env.takeUrl(busy);
      const began = performance.now();
      const response = await get(url, LONG_POLL_MS, signal);
      const text = await response.text();
      if (response.status === 200 && text.length > 0) {
        // One malformed job must not cost its whole batch.
        const parsed = [JSON.parse(text) as unknown].flat().map((job) => takenJob.safeParse(job));
        const jobs = parsed.flatMap(({ data }) => (data ? [data] : []));
        const lost = parsed.length - jobs.length;
        return { jobs, waitMs: 0, ...(lost > 0 && { problem: `${lost} job(s) came without id or input` }) };
      }
      // A queue that holds its polls says 204 late; one that says it at once is shutting down.
      const soon = performance.now() - began < 500 ? 500 : 0;
      if ([200, 204, 400].includes(response.status)) return { jobs: [], waitMs: soon };
      if (response.status === 429) return { jobs: [], waitMs: 5000 };
      return { jobs: [], waitMs: 1000, problem: `job-take answered ${response.status}` };
    },

    /** Long poll for ids of jobs that this worker should give up, and how long to pause before asking again. */
    async stops(signal: AbortSignal): Promise<{ ids: string[]; waitMs: number }> {
      const response = await get(env.stopUrl(), LONG_POLL_MS, signal);
      const text = await response.text();
      if (response.status === 429) return { ids: [], waitMs: 5000 };
      if (response.status !== 200) return { ids: [], waitMs: 1000 };
      return { ids: stopMessage.parse(JSON.parse(text)).jobsToStop, waitMs: 0 };
    },

    /**
     * Hand in a final result. A 5xx or a lost connection is tried again for a while; a 4xx is final, as with the
     * official worker: the queue has decided that it does not want this result.
     * @returns the status of the last answer, or undefined when there was none.
     */
    done: (jobId: string, result: Record<string, unknown>, isStream: boolean): Promise<number | undefined> =>
      postUntilTaken(env.doneUrl(jobId, isStream), jobId, JSON.stringify(result)),

    async progress(jobId: string, output: unknown): Promise<void> {
      await post(env.doneUrl(jobId, false), jobId, JSON.stringify({ status: "IN_PROGRESS", output }));
    },

    /** One yielded value. Tried as often as a result: a missing token would be a hole in the text. */
    chunk: (jobId: string, output: unknown): Promise<number | undefined> =>
      postUntilTaken(env.streamUrl(jobId), jobId, JSON.stringify({ output })),

    async ping(jobIds: string[]): Promise<void> {
      if (!env.pingUrl) return;
      const response = await get(env.pingUrl(jobIds), 10_000);
      await response.arrayBuffer();
    },
  };
}
