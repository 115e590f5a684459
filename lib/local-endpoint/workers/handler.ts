import { hostname } from "node:os";
import type { TakenJob } from "@/lib/local-endpoint/workers/queue-client";

export type JobContext = {
  /** Aborted when the job was cancelled, ran out of time or the worker shuts down. Honour it: nobody wants the result. */
  signal: AbortSignal;
  /** Show an intermediate value as the job's output. The last one wins; a lost one is not repeated. */
  progress: (value: unknown) => void;
};

/**
 * What a worker runs for each job. A plain function's value is the output. A generator's yielded values are streamed
 * one by one, and its return value, if it has one, becomes the output that stays (runpod-python can only keep the list).
 */
export type Handler = (
  job: TakenJob,
  context: JobContext,
) => Promise<unknown> | AsyncGenerator<unknown, unknown>;

/** A refusal in plain words, handed in as the job's `error` without a stack. */
export class HandlerRefusal extends Error {
  override readonly name = "HandlerRefusal";
}

export const isGenerator = (value: unknown): value is AsyncGenerator<unknown, unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** The error of a handler that threw: a JSON string with the same keys as runpod-python's. */
export function describeError(error: unknown, workerId: string): string {
  if (error instanceof HandlerRefusal) return error.message;
  const thrown = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({
    error_type: thrown.name,
    error_message: thrown.message,
    error_traceback: thrown.stack ?? "",
    hostname: process.env.RUNPOD_POD_HOSTNAME ?? hostname(),
    worker_id: workerId,
    runpod_version: "jobdeck",
  });
}

/** The final body of a job: `{output}`, or what an object with its own `error` means to the platform. */
export function finalBody(output: unknown): Record<string, unknown> {
  if (output === undefined) return { output: null };
  if (typeof output === "object" && output !== null && !Array.isArray(output) && "error" in output) {
    const { error, ...rest } = output;
    return Object.keys(rest).length > 0 ? { output: rest, error } : { error };
  }
  return { output };
}
