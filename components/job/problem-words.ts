import type { JobStatus } from "@/lib/jobs/lifecycle";

/** What a state that needs explaining means for the job, and what to do. */
const MEANINGS: Record<string, { title: string; body: string }> = {
  FAILED: {
    title: "The job failed",
    body: "The worker or the platform reported the error below. Retry runs the same job once more; edit and run again starts a new one.",
  },
  TIMED_OUT: {
    title: "The job ran out of time",
    body: "It ran longer than its execution timeout, or its worker fell silent. Give it a longer execution timeout, or less to do.",
  },
  REJECTED: {
    title: "The endpoint refused the request",
    body: "The provider did not take the request, or somebody marked it as not sent. Correct what is said below and run it again.",
  },
  UNCONFIRMED: {
    title: "It is not known whether this was sent",
    body: "The request may have reached the endpoint, but no job id came back. Jobdeck never sends it again by itself, because a job could then run, and be paid for, twice. If the endpoint calls back, this heals by itself.",
  },
  EXPIRED: {
    title: "The result is gone",
    body: "The provider dropped the job before Jobdeck could fetch its result: its time to live or the retention was over.",
  },
  LOST: {
    title: "The provider no longer knows this job",
    body: "It answered 404 twice, at least 30 s apart, without a reason that Jobdeck knows of. The job may have been purged there.",
  },
};

export const problemWords = (status: JobStatus): { title: string; body: string } | null =>
  Object.hasOwn(MEANINGS, status) ? MEANINGS[status]! : null;

const TYPE_PREFIX = /^<class '(?:[\w.]+\.)?(\w+)'>$/;

/**
 * A worker's error is often JSON in a string: `{"error_type", "error_message", "error_traceback", …}`.
 * @returns the sentence for people and, apart from it, the rest.
 */
export function readError(error: string): { message: string; detail: string | null } {
  let fields: Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(error);
    if (typeof value !== "object" || value === null) return { message: error, detail: null };
    fields = value as Record<string, unknown>;
  } catch {
    return { message: error, detail: null }; // plain text, as most errors are
  }
  const message = fields.error_message ?? fields.message ?? fields.error;
  if (typeof message !== "string") return { message: error, detail: null };
  const type = typeof fields.error_type === "string" ? fields.error_type.replace(TYPE_PREFIX, "$1") : null;
  const trace = fields.error_traceback ?? fields.traceback;
  return {
    message: type ? `${type}: ${message}` : message,
    detail: typeof trace === "string" ? trace : null,
  };
}
