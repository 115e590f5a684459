/**
 * Which active jobs to ask about next, under a budget of status requests that is always too small for all of them.
 *
 * Asking every active job in turn makes each result late by half a cycle: 2.5 s at 1,000 jobs and 200 requests/s, 12.5 s
 * at 5,000. But an endpoint's queue is first in, first out: only the running jobs can finish, and only the first few
 * queued ones can have started. So the budget goes, in this order, to
 *   a) jobs last seen running, the longest overdue first;
 *   b) the head of the queue, as many as may have started since the last look;
 *   c) a trickle over the rest, because nothing guarantees the order (retries, low priority, a purge, an expired ttl).
 *
 * Where the provider calls us back, polls are only the net under lost callbacks and cost well below one request per job.
 *
 * Pure: no clock, no randomness, no memory. The caller keeps the counts, the next poll times and the running rate.
 */

/** What the planner knows about one (credential, endpoint). */
export type PollView = {
  /** Jobs last seen running (or in a word that we do not know), and jobs still queued as far as we know. */
  running: number;
  queued: number;
  /** Status requests per second that the limiter grants at present. */
  ratePerSecond: number;
  /** Time since the last plan; taken as a second when longer, so that a stall is not followed by a burst. */
  tickMs: number;
  /**
   * Jobs per second that left the queue lately, as {@link smoothStarts} keeps it; 0 when unknown. When it is too low the
   * head of the queue still moves on, one window per tick.
   */
  startsPerSecond: number;
  /** Whether the provider calls back for these jobs, and such calls have been arriving. */
  webhooks: boolean;
  /** What {@link PollPlan.carry} said at the last tick; 0 at first. */
  carry: number;
};

/**
 * Limits for three claims, made in this order; what a claim leaves unused goes to the next:
 * 1. at most `running` due jobs of phase `run`, the longest overdue first;
 * 2. at most `budget - claimed - trickle` due jobs among the first `headWindow` of the queue, in queue order;
 * 3. at most the smaller of `budget - claimed` and `trickleMost` due jobs of the queue, the longest overdue first.
 * "Due" is what {@link nextPollInMs} said at the last poll; the head's jobs are due sooner, see {@link headIntervalMs}.
 */
export type PollPlan = {
  /** Whole requests of this tick. The limiter has the last word. */
  budget: number;
  /** The fraction of a request that is left for the next tick, from 0 to below 1. */
  carry: number;
  running: number;
  headWindow: number;
  /** Kept for the third claim even when the first two could use everything. */
  trickle: number;
  /** More than this is not worth asking of a queue that keeps its order, even when the budget is idle. */
  trickleMost: number;
};

/** What the head of the queue gets even when the running jobs could use everything: a bit more than it turns over. */
const HEAD_SHARE = { least: 0.1, most: 0.6, perStart: 1.25 };
const TRICKLE_SHARE = { least: 0.05, most: 0.2 };
/** However deep the queue, the trickle is allowed to come round in this time: well within a retention of 30 minutes. */
const TRICKLE_ROUND_SECONDS = 600;
/** With callbacks: requests per started job that polling may add, and the rate that is always allowed. */
const NET_REQUESTS_PER_START = 0.5;
const NET_FLOOR_PER_SECOND = 1;

const RUN_MS = { least: 150, most: 5_000, ageShare: 1 / 32 };
const RUN_NET_MS = { least: 15_000, most: 60_000, ageShare: 1 / 4 };
const HEAD_MS = 250;
const HEAD_NET_MS = 5_000;
const TRICKLE_MS = 30_000;
const TRICKLE_NET_MS = 120_000;
const SOONEST_MS = 200;
/** Few jobs end before this share of what their like took lately (2 % at a log-normal deviation of 0.6). */
const YOUNG_SHARE = 0.3;
/** However long such jobs took, an early end is not seen later than this. */
const YOUNG_MOST_MS = 1_000;

/** The least time between two looks at one job at the head of the queue. A new job waits as long for its first look. */
export const headIntervalMs = (webhooks: boolean): number => (webhooks ? HEAD_NET_MS : HEAD_MS);

/**
 * When to ask again, counted from the poll that has just seen the job in this phase.
 * - `run`: grows with `ageMs`, the time that the job has been running, so that a result is late by a fiftieth of what it
 *   took: 200 ms up to 5 s, 5 s from 2 min on. Before {@link YOUNG_SHARE} of `typicalRunMs` (the endpoint's recent
 *   execution times, see {@link smoothRunMs}) it waits for that age, at most a second. With webhooks 15 s to 60 s.
 * - `queue`: how long the trickle leaves it alone; the head of the queue does not wait for it.
 * @param untilGoneMs time until ttl or retention removes the job; a quarter of it is the longest pause, so that a job
 *   that ends shortly before is still read. Infinity when nothing is known.
 */
export function nextPollInMs(seen: {
  phase: "run" | "queue";
  ageMs: number;
  /** Undefined while no job has ended. */
  typicalRunMs?: number;
  untilGoneMs: number;
  webhooks: boolean;
}): number {
  const { phase, ageMs, typicalRunMs = 0, untilGoneMs, webhooks } = seen;
  const { least, most, ageShare } = webhooks ? RUN_NET_MS : RUN_MS;
  const young = Math.min(YOUNG_MOST_MS, typicalRunMs * YOUNG_SHARE - ageMs);
  const calm =
    phase === "run"
      ? Math.min(most, Math.max(least, Math.round(ageMs * ageShare), Math.round(young)))
      : webhooks
        ? TRICKLE_NET_MS
        : TRICKLE_MS;
  return Math.max(SOONEST_MS, Math.min(calm, Math.round(untilGoneMs / 4)));
}

/** How many jobs at the front of the queue may have started since the last look, with room for a burst. */
export function headWindow(startsPerSecond: number, webhooks: boolean): number {
  const expected = startsPerSecond * (headIntervalMs(webhooks) / 1000);
  return Math.ceil(expected + 2 * Math.sqrt(expected)) + 2;
}

/** Fold the starts seen in one tick into the running rate; remembers about five seconds. */
export function smoothStarts(startsPerSecond: number, started: number, tickMs: number): number {
  const weight = 1 - Math.exp(-tickMs / 5_000);
  return startsPerSecond + weight * (started / (tickMs / 1000) - startsPerSecond);
}

/**
 * Fold one more execution time into the typical one: a moving geometric mean over about twenty jobs, because run times
 * spread by factors and one that hung must not count for hundreds.
 */
export function smoothRunMs(typicalRunMs: number | undefined, executionMs: number): number {
  const ms = Math.max(1, executionMs);
  return typicalRunMs === undefined ? ms : typicalRunMs * (ms / typicalRunMs) ** 0.05;
}

/** Divides one tick's requests; `running + trickle` never exceeds `budget`. */
export function planPolls(view: PollView): PollPlan {
  const { running, queued, startsPerSecond, webhooks } = view;
  const net = Math.max(NET_FLOOR_PER_SECOND, startsPerSecond * NET_REQUESTS_PER_START);
  const ratePerSecond = webhooks ? Math.min(view.ratePerSecond, net) : view.ratePerSecond;
  const tickSeconds = Math.min(view.tickMs, 1000) / 1000;
  const credit = ratePerSecond * tickSeconds + view.carry;
  // a hair above, so that ten ticks of 0.1 are one request
  const budget = Math.floor(credit + 1e-9);
  const window = Math.min(queued, headWindow(startsPerSecond, webhooks));
  const deep = queued - window;
  const trickle = Math.min(deep, Math.floor(budget * TRICKLE_SHARE.least));
  const round = (deep / TRICKLE_ROUND_SECONDS) * tickSeconds;
  const trickleMost = Math.min(deep, budget, Math.ceil(Math.max(budget * TRICKLE_SHARE.most, round)));
  const turnover = (HEAD_SHARE.perStart * startsPerSecond) / Math.max(ratePerSecond, 1);
  const headShare = Math.min(HEAD_SHARE.most, Math.max(HEAD_SHARE.least, turnover));
  const head = Math.min(window, Math.floor(budget * headShare));
  return {
    budget,
    carry: Math.max(0, credit - budget),
    running: Math.min(running, budget - head - trickle),
    headWindow: window,
    trickle,
    trickleMost,
  };
}
