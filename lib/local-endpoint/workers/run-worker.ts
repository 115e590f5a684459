import { setTimeout as sleep } from "node:timers/promises";
import { log } from "@/lib/kernel/log";
import type { Handler } from "@/lib/local-endpoint/workers/handler";
import {
  createQueueClient,
  type QueueClient,
  type TakenJob,
} from "@/lib/local-endpoint/workers/queue-client";
import { runJob } from "@/lib/local-endpoint/workers/run-job";
import type { WorkerEnvironment } from "@/lib/local-endpoint/workers/worker-environment";

type WorkerOptions = {
  env: WorkerEnvironment;
  handler: Handler;
  /** How many jobs may run at once in this process; free places are asked for in one batch. */
  concurrency?: number;
  /** Abort to stop taking; jobs under way are finished first. */
  signal: AbortSignal;
  queue?: QueueClient;
};

/**
 * Take jobs until `signal` aborts, then finish those under way. Three loops run side by side, as in runpod-python:
 * the takes, the stop channel (only while a job runs, or it would hold a connection for nothing) and the pings.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { env, handler, concurrency = 1, signal } = options;
  const queue = options.queue ?? createQueueClient(env);
  const running = new Map<string, AbortController>();
  const finishing = new Set<Promise<void>>();
  const ended = new AbortController();
  const watch = createStopWatch(queue, running, ended.signal);
  const pings = pingLoop(env, queue, () => [...running.keys()], ended.signal);

  const start = (job: TakenJob) => {
    const controller = new AbortController();
    running.set(job.id, controller);
    watch.wake();
    const finished = runJob(job, { handler, queue, signal: controller.signal, workerId: env.workerId })
      .then((how) => log.debug({ requestId: job.id }, `job ${how}`))
      .catch((error: unknown) => log.error({ requestId: job.id, err: error }, "job could not be handed in"))
      .finally(() => {
        running.delete(job.id);
        finishing.delete(finished);
      });
    finishing.add(finished);
  };

  let failures = 0;
  while (!signal.aborted) {
    if (running.size >= concurrency) {
      await Promise.race(finishing);
      continue;
    }
    try {
      // A slot that frees up while a poll is held is filled by that poll's successor, at most one hold later;
      // asking for all free places at once keeps that rare.
      const take = await queue.take(concurrency - running.size, running.size > 0, signal);
      failures = 0;
      for (const job of take.jobs) start(job);
      if (take.problem) log.warn(take.problem);
      if (take.waitMs > 0) await sleep(take.waitMs, undefined, { signal });
    } catch (error) {
      if (signal.aborted) break;
      failures++;
      if (failures === 1) log.warn({ err: error }, "the queue cannot be reached, trying again");
      await sleep(Math.min(10_000, 250 * 2 ** failures), undefined, { signal }).catch(() => {});
    }
  }
  await Promise.allSettled(finishing);
  ended.abort();
  await Promise.allSettled([watch.ended, pings]);
}

/** Listens for stop orders while at least one job runs. */
function createStopWatch(queue: QueueClient, running: Map<string, AbortController>, signal: AbortSignal) {
  let wake = () => {};
  const loop = async () => {
    while (!signal.aborted) {
      if (running.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        continue;
      }
      const pause = await queue.stops(signal).then(
        ({ ids, waitMs }) => {
          for (const id of ids) running.get(id)?.abort(new Error("The job was stopped."));
          return waitMs;
        },
        () => 1000,
      );
      if (pause > 0) await sleep(pause, undefined, { signal }).catch(() => {});
    }
  };
  return { ended: loop(), wake: () => wake() };
}

async function pingLoop(
  env: WorkerEnvironment,
  queue: QueueClient,
  jobIds: () => string[],
  signal: AbortSignal,
) {
  while (!signal.aborted) {
    await queue.ping(jobIds()).catch(() => {});
    await sleep(env.pingIntervalMs, undefined, { signal }).catch(() => {});
  }
}
