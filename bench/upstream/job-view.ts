import type { UpstreamJob } from "@/bench/upstream/job-queue";
import { payload } from "@/bench/upstream/random";

/** What the built-in handler returns: the input, and `outputBytes` characters that depend on seed and job alone. */
export function outputOf(job: UpstreamJob, seed: number, outputBytes: number): unknown {
  return {
    echo: job.input,
    ...(outputBytes > 0 && { payload: payload(seed + job.index, outputBytes) }),
  };
}

/** The job object of /status, /runsync and webhooks. Times are whole milliseconds. */
export function viewOf(job: UpstreamJob, output: () => unknown): Record<string, unknown> {
  const view: Record<string, unknown> = { id: job.id, status: job.status };
  if (job.startedAt !== undefined) {
    view.delayTime = Math.round(job.startedAt - job.queuedAt);
    view.workerId = `w${job.index % 97}`;
    if (job.completedAt !== undefined) view.executionTime = Math.round(job.completedAt - job.startedAt);
  }
  if (job.retries > 0) view.retries = job.retries;
  if (job.status === "COMPLETED") view.output = output();
  if (job.status === "FAILED")
    view.error = JSON.stringify({ error_type: "<class 'RuntimeError'>", error_message: "asked to fail" });
  if (job.status === "TIMED_OUT") view.error = "job timed out after 0 retries";
  return view;
}
