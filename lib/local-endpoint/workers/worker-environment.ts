import { randomUUID } from "node:crypto";
import { z } from "zod";

/** What a worker must know to speak to its queue; every URL is ready to use once the ids are filled in. */
export type WorkerEnvironment = {
  workerId: string;
  /** Sent raw as `Authorization`, without "Bearer", as runpod-python does. */
  apiKey: string;
  pingIntervalMs: number;
  takeUrl: (jobInProgress: boolean) => string;
  takeBatchUrl: (size: number, jobInProgress: boolean) => string;
  stopUrl: () => string;
  doneUrl: (jobId: string, isStream: boolean) => string;
  streamUrl: (jobId: string) => string;
  /** Undefined where no ping URL is set: then the queue only hears from this worker when it takes and finishes. */
  pingUrl: ((jobIds: string[]) => string) | undefined;
};

/** runpod-python appends `&name=value` textually, so a template without `?` would put it into the path. */
const urlTemplate = z
  .string({ error: "is not set" })
  .refine((value) => /^https?:\/\//.test(value), "must be an http(s) URL")
  .refine((value) => value.includes("?"), "must contain a '?', because '&name=value' is appended to it");

const variables = z.object({
  RUNPOD_WEBHOOK_GET_JOB: urlTemplate.refine((v) => v.includes("/job-take/"), "must contain '/job-take/'"),
  RUNPOD_WEBHOOK_POST_OUTPUT: urlTemplate,
  RUNPOD_WEBHOOK_POST_STREAM: urlTemplate,
  RUNPOD_WEBHOOK_PING: z.string().optional(),
  RUNPOD_AI_API_KEY: z.string({ error: "is not set" }).min(1, "is empty"),
  RUNPOD_POD_ID: z.string().optional(),
  RUNPOD_PING_INTERVAL: z.coerce.number().int().min(1000).default(10_000),
});

/**
 * Read the same variables as runpod-python 1.12 (`rp_job.py`, `rp_http.py`, `rp_ping.py`).
 * @throws Error naming each variable that is missing or malformed.
 */
export function readWorkerEnvironment(source: Record<string, string | undefined>): WorkerEnvironment {
  const parsed = variables.safeParse(source);
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("; "),
    );
  const set = parsed.data;
  const workerId = set.RUNPOD_POD_ID || randomUUID();

  // In the take URL "$ID" is the worker; in the result and stream URLs it is the job.
  const take = set.RUNPOD_WEBHOOK_GET_JOB.replaceAll("$ID", workerId);
  const forJob = (template: string, jobId: string) =>
    template.replaceAll("$RUNPOD_POD_ID", workerId).replaceAll("$ID", encodeURIComponent(jobId));
  const ping = set.RUNPOD_WEBHOOK_PING?.replaceAll("$RUNPOD_POD_ID", workerId);

  return {
    workerId,
    apiKey: set.RUNPOD_AI_API_KEY,
    pingIntervalMs: set.RUNPOD_PING_INTERVAL,
    takeUrl: (busy) => `${take}&job_in_progress=${busy ? 1 : 0}`,
    takeBatchUrl: (size, busy) =>
      `${take.replace("/job-take/", "/job-take-batch/")}&batch_size=${size}&job_in_progress=${busy ? 1 : 0}`,
    stopUrl: () => take.replace("/job-take/", "/job-stop/"),
    doneUrl: (jobId, isStream) => `${forJob(set.RUNPOD_WEBHOOK_POST_OUTPUT, jobId)}&isStream=${isStream}`,
    streamUrl: (jobId) => `${forJob(set.RUNPOD_WEBHOOK_POST_STREAM, jobId)}&isStream=false`,
    pingUrl: ping
      ? (jobIds) => {
          const url = new URL(ping);
          if (jobIds.length > 0) url.searchParams.set("job_id", jobIds.join(","));
          return url.href;
        }
      : undefined,
  };
}
