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
  /** What {@link PollPlan.carry} said at the last tick; {@link NO_CARRY} at first. */
  carry: PollCarry;
};

/**
 * Fractions of a request, each from 0 to below 1. Without them a class whose share of a short tick is below one request
 * would never be asked.
 */
export type PollCarry = { budget: number; head: number; trickle: number };
export const NO_CARRY: PollCarry = { budget: 0, head: 0, trickle: 0 };

/**
 * Limits for three claims, made in this order; what a claim leaves unused goes to the next:
 * 1. at most `running` due jobs of phase `run`, the longest overdue first;
 * 2. at most `budget - claimed - trickle` due jobs among the first `headWindow` of the queue, in queue order;
 * 3. at most the smaller of `budget - claimed` and `trickleMost` due jobs of the queue, the longest overdue first.
 * "Due" is what {@link nextPollInMs} said at the last poll; the head's jobs are due sooner, after `headIntervalMs`.
 */
export type PollPlan = {
  /** Whole requests of this tick. The limiter has the last word. */
  budget: number;
  /** For the next tick. */
  carry: PollCarry;
  running: number;
  headWindow: number;
  /** The least time between two looks at one job of the head; a new job waits as long for its first one. */
  headIntervalMs: number;
  /** Kept for the third claim even when the first two could use everything. */
  trickle: number;
  /** More than this is not worth asking of a queue that keeps its order, even when the budget is idle. */
  trickleMost: number;
};

const TRICKLE_SHARE = { least: 0.05, most: 0.1 };
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
const SOONEST_MS = 150;

/**
 * When to ask again, counted from the poll that has just seen the job in this phase.
 * - `run`: grows with `ageMs`, the time that the job has been running, so that a result is late by a sixtieth of what it
 *   took: 150 ms up to 5 s, 5 s from 160 s on. With webhooks 15 s to 60 s.
 * - `queue`: how long the trickle leaves it alone; the head of the queue does not wait for it.
 * @param untilGoneMs time until ttl or retention removes the job; a quarter of it is the longest pause, so that a job
 *   that ends shortly before is still read. Infinity when nothing is known.
 */
export function nextPollInMs(seen: {
  phase: "run" | "queue";
  ageMs: number;
  untilGoneMs: number;
  webhooks: boolean;
}): number {
  const { phase, ageMs, untilGoneMs, webhooks } = seen;
  const { least, most, ageShare } = webhooks ? RUN_NET_MS : RUN_MS;
  const calm =
    phase === "run"
      ? Math.min(most, Math.max(least, Math.round(ageMs * ageShare)))
      : webhooks
        ? TRICKLE_NET_MS
        : TRICKLE_MS;
  return Math.max(SOONEST_MS, Math.min(calm, Math.round(untilGoneMs / 4)));
}

/** Fold the starts seen in one tick into the running rate; remembers about five seconds. */
export function smoothStarts(startsPerSecond: number, started: number, tickMs: number): number {
  const weight = 1 - Math.exp(-tickMs / 5_000);
  return startsPerSecond + weight * (started / (tickMs / 1000) - startsPerSecond);
}

/** How far the turnover may come near the budget in the sum of {@link frontOf}; beyond it every job is looked at in turn. */
const TURNOVER_MOST = 0.9;

/**
 * How many jobs at the front of the queue may have started since the last look, plus the one that shows where the started
 * ones end. No room for bursts is needed: jobs that were seen to have started leave the front, so when all of them had,
 * the next ones are looked at in the next tick.
 *
 * When the budget is too small for a look per `HEAD_MS`, front and running jobs are asked in turn, one round taking
 * `(running + front) / rate`, in which `starts * round` more jobs start: that sum solved for the front. So where jobs end
 * nearly as fast as anybody may ask, this becomes the plain sweep, which is then the best there is.
 */
function frontOf(view: PollView): number {
  const { running, startsPerSecond, ratePerSecond, webhooks } = view;
  const unhurried = startsPerSecond * ((webhooks ? HEAD_NET_MS : HEAD_MS) / 1000) + 2;
  if (webhooks || ratePerSecond <= 0) return Math.ceil(unhurried);
  const turnover = Math.min(TURNOVER_MOST, startsPerSecond / ratePerSecond);
  return Math.ceil(Math.max(unhurried, (turnover * running + 2) / (1 - turnover)));
}

/** Whole requests and the fraction that stays. A hair is added, so that ten ticks of 0.1 are one request. */
function split(amount: number, carried: number): { whole: number; rest: number } {
  const whole = Math.floor(amount + carried + 1e-9);
  return { whole, rest: Math.max(0, amount + carried - whole) };
}

/** Divides one tick's requests; `running + trickle` never exceeds `budget`. */
export function planPolls(view: PollView): PollPlan {
  const { running, queued, startsPerSecond, webhooks, carry } = view;
  const net = Math.max(NET_FLOOR_PER_SECOND, startsPerSecond * NET_REQUESTS_PER_START);
  const ratePerSecond = webhooks ? Math.min(view.ratePerSecond, net) : view.ratePerSecond;
  const tickSeconds = Math.min(view.tickMs, 1000) / 1000;
  const { whole: budget, rest: budgetRest } = split(ratePerSecond * tickSeconds, carry.budget);

  const headWindow = Math.min(queued, frontOf(view));
  const roundMs = webhooks ? 0 : (1000 * (running + headWindow)) / Math.max(ratePerSecond, 1);
  const deep = queued - headWindow;
  const perRound = (deep / TRICKLE_ROUND_SECONDS) * tickSeconds;
  const trickle = split(deep > 0 ? budget * TRICKLE_SHARE.least : 0, carry.trickle);
  const forFront = budget - Math.min(trickle.whole, budget);
  const head = split((forFront * headWindow) / Math.max(1, running + headWindow), carry.head);
  return {
    budget,
    carry: { budget: budgetRest, head: head.rest, trickle: trickle.rest },
    running: Math.min(running, forFront - Math.min(head.whole, forFront)),
    headWindow,
    headIntervalMs: Math.round(Math.max(webhooks ? HEAD_NET_MS : HEAD_MS, roundMs)),
    trickle: Math.min(trickle.whole, deep, budget),
    trickleMost: Math.min(
      deep,
      budget,
      Math.max(trickle.whole, Math.ceil(Math.max(budget * TRICKLE_SHARE.most, perRound))),
    ),
  };
}
