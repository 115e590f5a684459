/** A job as the queue's store reads it. `output` is raw JSON text, a progress value while the job runs. */
export type JobRow = {
  id: string;
  status: string;
  output: string | null;
  error: string | null;
  workerId: string | null;
  retries: number;
  /** Wait before the latest attempt; null until one began. */
  delayMs: number | null;
  /** Run time of the latest attempt; null until it ended. */
  executionMs: number | null;
};

/** Members of the object that `/status` answers, in the order in which the platform sends them. */
export function statusMembers(job: JobRow): Record<string, string | undefined> {
  const raw = (value: unknown) => (value === null ? undefined : JSON.stringify(value));
  return {
    delayTime: raw(job.delayMs),
    error: raw(job.error),
    executionTime: raw(job.executionMs),
    id: raw(job.id),
    output: job.output ?? undefined,
    retries: job.retries > 0 ? raw(job.retries) : undefined,
    status: raw(job.status),
    workerId: raw(job.workerId),
  };
}

const TERMINAL = ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"];
export const isOver = (status: string): boolean => TERMINAL.includes(status);
