/** Words of the provider's wire. Any other string is shown as it is and kept under watch. */
export const WIRE_STATUSES = [
  "IN_QUEUE",
  "IN_PROGRESS",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "TIMED_OUT",
] as const;
/** Our own: what the provider cannot say. */
export const OWN_STATUSES = ["SENDING", "UNCONFIRMED", "REJECTED", "EXPIRED", "LOST"] as const;

export type KnownStatus = (typeof WIRE_STATUSES)[number] | (typeof OWN_STATUSES)[number];
/** A known word or whatever the provider said. */
export type JobStatus = KnownStatus | (string & {});

export const TERMINAL_STATUSES = [
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "TIMED_OUT",
  "REJECTED",
  "EXPIRED",
  "LOST",
] as const satisfies readonly KnownStatus[];
const TERMINAL: ReadonlySet<string> = new Set(TERMINAL_STATUSES);

/** Nothing will change any more unless a person acts. `UNCONFIRMED` is not terminal: a webhook can heal it. */
export const isTerminal = (status: JobStatus): boolean => TERMINAL.has(status);

/** Upstream knows the job and it may still change. */
export const isWatched = (status: JobStatus): boolean =>
  !isTerminal(status) && status !== "SENDING" && status !== "UNCONFIRMED";

/** The part of a job that observations change. Durations are milliseconds as the provider reported them. */
export type JobState = {
  status: JobStatus;
  upstreamId: string | null;
  workerId: string | null;
  retries: number;
  delayMs: number | null;
  executionMs: number | null;
  error: string | null;
  /** JSON text. */
  progress: string | null;
  queuedAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  observedAt: Date | null;
};

/** One look at the provider's answer, from a poll or from the reply to a request of ours. */
export type Observation = {
  /** When the question was asked (database clock), not when the answer came: answers overtake each other. */
  at: Date;
  upstreamId: string;
  status: JobStatus;
  workerId?: string;
  retries?: number;
  delayMs?: number;
  executionMs?: number;
  error?: string;
  progress?: string;
};

const rank = (status: JobStatus): number => (status === "IN_QUEUE" ? 1 : isTerminal(status) ? 3 : 2);

const plus = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** Latest instant that is not after `limit`. */
const notAfter = (value: Date, limit: Date): Date => (value > limit ? limit : value);

/**
 * Fold one observation (in any order, possibly repeated) into a job.
 * Returns the same object when nothing changed, so callers can skip the write with `===`.
 */
export function observe(job: JobState, seen: Observation): JobState {
  if (isTerminal(job.status)) return job; // late or duplicate answers never reopen a finished job
  if (job.upstreamId !== null && job.upstreamId !== seen.upstreamId) return job; // about some other job
  if (job.observedAt && seen.at < job.observedAt) return job; // a slow poll must not overwrite a newer one

  const redispatched = (seen.retries ?? 0) > job.retries;
  const backwards = isWatched(job.status) && rank(seen.status) < rank(job.status) && !redispatched;
  const status = backwards ? job.status : seen.status;

  const queuedAt = job.queuedAt ?? seen.at;
  const hasStarted = rank(status) >= 2;
  const startedAt = !hasStarted
    ? null
    : seen.delayMs !== undefined && seen.delayMs !== job.delayMs
      ? notAfter(plus(queuedAt, seen.delayMs), seen.at)
      : (job.startedAt ?? seen.at);
  const finishedAt = !isTerminal(status)
    ? null
    : seen.executionMs !== undefined && startedAt
      ? notAfter(plus(startedAt, seen.executionMs), seen.at)
      : seen.at;

  const next: JobState = {
    status,
    upstreamId: seen.upstreamId,
    workerId: seen.workerId ?? job.workerId,
    retries: Math.max(job.retries, seen.retries ?? 0),
    delayMs: seen.delayMs ?? job.delayMs,
    executionMs: seen.executionMs ?? job.executionMs,
    error: isTerminal(status) ? (seen.error ?? null) : null,
    progress: isTerminal(status) ? job.progress : (seen.progress ?? job.progress),
    queuedAt,
    startedAt,
    finishedAt,
    observedAt: seen.at,
  };
  return sameToTheEye(job, next) ? job : next;
}

/**
 * While a job runs the provider counts `executionMs` up with every poll; our clock shows that live, so such a change
 * alone is not worth a write and a rev.
 */
function sameToTheEye(a: JobState, b: JobState): boolean {
  return (
    a.status === b.status &&
    a.upstreamId === b.upstreamId &&
    a.workerId === b.workerId &&
    a.retries === b.retries &&
    a.delayMs === b.delayMs &&
    a.error === b.error &&
    a.progress === b.progress &&
    !isTerminal(b.status)
  );
}

/** Answers of a 404 within this time of acknowledgement are the provider's own lag, not news. */
const FRESH_MS = 10_000;
/** Two 404s at least this far apart, before a job without a reason to be gone is called lost. */
const LOST_AFTER_MS = 30_000;

export type Absence = {
  /** When we asked. */
  at: Date;
  queuedAt: Date;
  /** Latest time upstream still knew the job. */
  lastSeenAt: Date;
  /** First 404 of the present run of 404s, this one excluded; null when this is the first. */
  missingSince: Date | null;
  ttlMs: number;
  retentionMs: number;
};

/**
 * What a 404 on `/status` means.
 * `EXPIRED`: its ttl is over, or we had not looked for longer than the retention, so it may have finished and been
 * dropped. `LOST`: neither, and it stayed away. `wait`: too early to tell.
 */
export function judgeAbsence(a: Absence): "EXPIRED" | "LOST" | "wait" {
  const now = a.at.getTime();
  if (now - a.queuedAt.getTime() < FRESH_MS) return "wait";
  if (now - a.queuedAt.getTime() >= a.ttlMs) return "EXPIRED";
  const firstMiss = a.missingSince ?? a.at;
  if (firstMiss.getTime() - a.lastSeenAt.getTime() >= a.retentionMs) return "EXPIRED";
  return a.missingSince && now - a.missingSince.getTime() >= LOST_AFTER_MS ? "LOST" : "wait";
}
