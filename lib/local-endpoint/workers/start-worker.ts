import { log } from "@/lib/kernel/log";
import type { Handler } from "@/lib/local-endpoint/workers/handler";
import { runWorker } from "@/lib/local-endpoint/workers/run-worker";
import { readWorkerEnvironment } from "@/lib/local-endpoint/workers/worker-environment";

/**
 * The main function of a worker process. It ends
 * - on SIGTERM or SIGINT, after the jobs under way; at once on the second signal;
 * - at once when its parent is gone (the IPC channel closes), so a killed collector leaves no orphan behind.
 */
export async function startWorker(handler: Handler, options: { concurrency?: number } = {}): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => (stop.signal.aborted ? process.exit(1) : stop.abort());
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  if (process.channel) {
    process.on("disconnect", () => process.exit(0));
    process.channel.unref(); // listening for the parent's end must not keep a finished worker alive
  }
  try {
    await runWorker({ env: readWorkerEnvironment(process.env), handler, signal: stop.signal, ...options });
    process.exit(0);
  } catch (error) {
    log.fatal({ err: error }, "the worker cannot run");
    process.exit(1);
  }
}
