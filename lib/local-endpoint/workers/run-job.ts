import { describeError, finalBody, type Handler, isGenerator } from "@/lib/local-endpoint/workers/handler";
import type { QueueClient, TakenJob } from "@/lib/local-endpoint/workers/queue-client";

/**
 * Run one job from its handler to the answer of the queue.
 * A stopped job hands in nothing: the queue ended it and would ignore the result.
 */
export async function runJob(
  job: TakenJob,
  {
    handler,
    queue,
    signal,
    workerId,
  }: { handler: Handler; queue: QueueClient; signal: AbortSignal; workerId: string },
): Promise<"done" | "stopped"> {
  const progress = createProgressSender((value) => queue.progress(job.id, value));
  let isStream = false;
  let body: Record<string, unknown>;
  try {
    const running = handler(job, { signal, progress: progress.send });
    if (isGenerator(running)) {
      isStream = true;
      let step = await running.next();
      while (!step.done) {
        if (signal.aborted) {
          await running.return(undefined);
          return "stopped";
        }
        await queue.chunk(job.id, step.value);
        step = await running.next();
      }
      body = step.value === undefined ? { output: [] } : finalBody(step.value);
    } else {
      body = finalBody(await running);
    }
  } catch (error) {
    body = { error: describeError(error, workerId) };
  }
  // A progress update that overtakes the result makes a finished job look alive (runpod-python issue 250).
  await progress.settled();
  if (signal.aborted) return "stopped";
  await queue.done(job.id, body, isStream);
  return "done";
}

/** Sends one value at a time and only the newest of those that piled up meanwhile; failures are not repeated. */
function createProgressSender(post: (value: unknown) => Promise<void>) {
  let sending: Promise<void> | undefined;
  let next: { value: unknown } | undefined;
  const drain = async () => {
    while (next) {
      const { value } = next;
      next = undefined;
      await post(value).catch(() => {});
    }
    sending = undefined;
  };
  return {
    send: (value: unknown) => {
      next = { value };
      sending ??= drain();
    },
    /** Resolves when nothing is under way any more; what still waits is dropped, because the result replaces it. */
    settled: async () => {
      next = undefined;
      await sending;
    },
  };
}
