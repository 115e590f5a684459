import { startWorker } from "@/lib/local-endpoint/workers/start-worker";

/** A worker for tests that does with a job what the job says, however rude: as somebody's own handler might. */
await startWorker(async (job) => {
  const input = job.input as { block?: number; exit?: number; echo?: unknown };
  const until = performance.now() + (input.block ?? 0);
  // Blocks the event loop, as a synchronous handler does: no ping, no stop order gets through.
  while (performance.now() < until);
  if (input.exit !== undefined) process.exit(input.exit);
  return { pid: process.pid, echo: input.echo };
});
