import type { OutputBody } from "@/lib/local-endpoint/output-body";

/** What a worker's POST to job-done says. `output` is raw JSON text. */
export type WorkerResult =
  | { kind: "progress"; output: string }
  | { kind: "completed"; output: string | null }
  | { kind: "failed"; error: string };

/**
 * What a job-done body means (`runpod-api.md` §6.2). A missing `status` means final; an error makes the job fail, and one
 * that is not a string is kept as JSON text; an output of null is no output.
 */
export function readWorkerResult({ members, output }: OutputBody): WorkerResult {
  if (members.get("status") === '"IN_PROGRESS"') return { kind: "progress", output: output ?? "null" };
  const error = members.get("error");
  if (error !== undefined && error !== "null") {
    const value: unknown = error.startsWith('"') ? JSON.parse(error) : undefined;
    return { kind: "failed", error: typeof value === "string" ? value : error };
  }
  return { kind: "completed", output: output === undefined || output === "null" ? null : output };
}
