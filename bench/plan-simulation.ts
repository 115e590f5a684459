/**
 * Polling policies in virtual time, without I/O: N active jobs on an endpoint with W workers, a FIFO queue and log-normal
 * run times; a status request costs 20 ms and there are 200 of them per second. It answers in seconds what B2 takes
 * minutes to measure, and it is how `lib/collector/plan.ts` was chosen.
 * `node --import tsx bench/plan-simulation.ts` prints one line per policy and size.
 */
import { logNormal, uniform } from "@/bench/upstream/random";
import { NO_CARRY, nextPollInMs, planPolls, smoothStarts } from "@/lib/collector/plan";

type SimJob = {
  index: number;
  submittedAt: number;
  startsAt: number;
  endsAt: number;
  /** What the client knows. */
  seen: "queue" | "run" | "over";
  lastPolledAt: number;
  nextPollAt: number;
  inFlight: boolean;
};

export type Scenario = {
  active: number;
  workers: number;
  medianMs: number;
  sigma: number;
  ratePerSecond: number;
  tickMs: number;
  roundTripMs: number;
  /** From the answer to the row. */
  writeMs: number;
  /** Undefined: no callbacks. Otherwise the share of jobs whose callback is lost; each one that arrives costs one request. */
  webhookLoss?: number;
  /** Share of starts that are not in queue order. */
  disorder: number;
  seconds: number;
  seed: number;
};

export type Outcome = { meanLagMs: number; p95LagMs: number; requestsPerJob: number; completed: number };

/** The jobs to ask in this tick, most urgent first; `started` counts the starts seen since the last tick. */
type Policy = (active: SimJob[], now: number, budget: number, started: number) => SimJob[];

const bySinceLong = (a: SimJob, b: SimJob) => a.lastPolledAt - b.lastPolledAt;
const pause = (phase: "run" | "queue", ageMs: number, webhooks: boolean) =>
  nextPollInMs({ phase, ageMs, untilGoneMs: Infinity, webhooks });
const byOverdue = (a: SimJob, b: SimJob) => a.nextPollAt - b.nextPollAt;

/** The peer: every active job in turn. */
export const uniformSweep = (): Policy => (active, _now, budget) =>
  active
    .filter((job) => !job.inFlight)
    .sort(bySinceLong)
    .slice(0, budget);

/** The plan, with the same bookkeeping as the collector's store: phases, queue order and next poll times. */
export function plannedPolls(scenario: Pick<Scenario, "ratePerSecond" | "tickMs" | "webhookLoss">): Policy {
  const webhooks = scenario.webhookLoss !== undefined;
  let startsPerSecond = 0;
  let carry = NO_CARRY;
  return (active, now, budget, started) => {
    startsPerSecond = smoothStarts(startsPerSecond, started, scenario.tickMs);
    const running = active.filter((job) => job.seen === "run");
    const queued = active.filter((job) => job.seen === "queue");
    const plan = planPolls({
      running: running.length,
      queued: queued.length,
      ratePerSecond: scenario.ratePerSecond,
      tickMs: scenario.tickMs,
      startsPerSecond,
      webhooks,
      carry,
    });
    carry = plan.carry;
    const isDue = (job: SimJob) => !job.inFlight && job.nextPollAt <= now;
    const isHeadDue = (job: SimJob) => !job.inFlight && now - job.lastPolledAt >= plan.headIntervalMs;
    const claimed = running.filter(isDue).sort(byOverdue).slice(0, Math.min(plan.running, budget));
    const left = () => Math.max(0, Math.min(plan.budget, budget) - claimed.length);
    claimed.push(
      ...queued
        .slice(0, plan.headWindow)
        .filter(isHeadDue)
        .slice(0, Math.max(0, left() - plan.trickle)),
    );
    claimed.push(
      ...queued
        .slice(plan.headWindow)
        .filter(isDue)
        .sort(byOverdue)
        .slice(0, Math.min(left(), plan.trickleMost)),
    );
    return claimed;
  };
}

export function simulate(scenario: Scenario, policy: Policy): Outcome {
  const { seed, tickMs, webhookLoss } = scenario;
  const webhooks = webhookLoss !== undefined;
  const workersFreeAt = new Float64Array(scenario.workers);
  const jobs: SimJob[] = [];
  let active: SimJob[] = [];
  /** Jobs whose callback will arrive. */
  let called: SimJob[] = [];
  const backlog: { index: number; runMs: number }[] = [];

  function submit(now: number): void {
    const index = jobs.length;
    const job: SimJob = {
      index,
      submittedAt: now,
      startsAt: Infinity,
      endsAt: Infinity,
      seen: "queue",
      // a random phase at the start, as if it had been going on for long
      lastPolledAt: now === 0 ? -uniform(seed + 5, index) * 1e6 : now,
      nextPollAt: now === 0 ? uniform(seed + 6, index) * pause("queue", 0, webhooks) : now,
      inFlight: false,
    };
    jobs.push(job);
    active.push(job);
    backlog.push({ index, runMs: logNormal(seed, index, scenario.medianMs, scenario.sigma) });
  }

  function work(until: number): void {
    for (;;) {
      let soonest = 0;
      for (let w = 1; w < workersFreeAt.length; w++)
        if (workersFreeAt[w]! < workersFreeAt[soonest]!) soonest = w;
      const at = workersFreeAt[soonest]!;
      if (at > until || backlog.length === 0) return;
      const outOfOrder = uniform(seed + 9, jobs.length + backlog.length) < scenario.disorder;
      const pick = outOfOrder ? Math.floor(uniform(seed + 11, backlog.length) * backlog.length) : 0;
      const [next] = backlog.splice(pick, 1);
      const job = jobs[next!.index]!;
      job.startsAt = Math.max(at, job.submittedAt);
      job.endsAt = job.startsAt + next!.runMs;
      if (webhooks && uniform(seed + 13, job.index) >= webhookLoss) called.push(job);
      workersFreeAt[soonest] = job.endsAt;
    }
  }

  for (let i = 0; i < scenario.active; i++) submit(0);
  const pending: { job: SimJob; seenAt: number; doneAt: number }[] = [];
  const lags: number[] = [];
  let requests = 0;
  let credit = 0;
  const end = scenario.seconds * 1000;
  const warm = Math.min(end / 3, 20_000);
  for (let now = 0; now < end; now += tickMs) {
    work(now);
    let started = 0;
    while (pending.length > 0 && pending[0]!.doneAt <= now) {
      const { job, seenAt, doneAt } = pending.shift()!;
      job.inFlight = false;
      job.lastPolledAt = doneAt;
      if (seenAt >= job.endsAt) {
        if (job.seen === "queue") started++;
        job.seen = "over";
        if (job.endsAt > warm) lags.push(doneAt + scenario.writeMs - job.endsAt);
        submit(now);
      } else if (seenAt >= job.startsAt) {
        if (job.seen === "queue") {
          started++;
          job.seen = "run";
        }
        job.nextPollAt = doneAt + pause("run", doneAt - job.startsAt, webhooks);
      } else job.nextPollAt = doneAt + pause("queue", 0, webhooks);
    }
    active = active.filter((job) => job.seen !== "over");
    // a callback is a hint: the status is fetched before the job is over
    const arrived = called.filter((job) => job.endsAt + scenario.roundTripMs / 2 <= now);
    called = called.filter((job) => job.endsAt + scenario.roundTripMs / 2 > now);
    for (const job of arrived) {
      if (job.seen === "over" || job.inFlight) continue;
      job.inFlight = true;
      pending.push({ job, seenAt: now + scenario.roundTripMs / 2, doneAt: now + scenario.roundTripMs });
      if (now > warm) requests++;
    }
    credit = Math.min(credit + (scenario.ratePerSecond * tickMs) / 1000, scenario.ratePerSecond);
    const chosen = policy(active, now, Math.floor(credit), started);
    credit -= chosen.length;
    for (const [i, job] of chosen.entries()) {
      // spread over the tick, as the collector's concurrency does
      const sentAt = now + (tickMs * i) / Math.max(chosen.length, 1);
      job.inFlight = true;
      job.lastPolledAt = sentAt;
      pending.push({ job, seenAt: sentAt + scenario.roundTripMs / 2, doneAt: sentAt + scenario.roundTripMs });
      if (now > warm) requests++;
    }
    work(now + tickMs);
    pending.sort((a, b) => a.doneAt - b.doneAt);
  }
  lags.sort((a, b) => a - b);
  return {
    meanLagMs: lags.reduce((sum, lag) => sum + lag, 0) / Math.max(lags.length, 1),
    p95LagMs: lags[Math.floor(lags.length * 0.95)] ?? 0,
    requestsPerJob: requests / Math.max(lags.length, 1),
    completed: lags.length,
  };
}

const MIXES: [workers: number, medianMs: number][] = [
  [20, 1000],
  [20, 4000],
  [20, 60_000],
  [50, 1000],
  [50, 4000],
  [100, 4000],
  [200, 1000],
];

const LOADS: Pick<Scenario, "active" | "disorder" | "webhookLoss">[] = [
  { active: 30, disorder: 0 },
  { active: 1000, disorder: 0 },
  { active: 1000, disorder: 0.02 },
  { active: 5000, disorder: 0 },
  { active: 30, disorder: 0, webhookLoss: 0 },
  { active: 1000, disorder: 0, webhookLoss: 0 },
  { active: 1000, disorder: 0, webhookLoss: 0.3 },
];

if (process.argv[1]?.endsWith("plan-simulation.ts"))
  for (const [workers, medianMs] of MIXES)
    for (const load of LOADS) {
      const scenario: Scenario = {
        ...load,
        workers,
        medianMs,
        sigma: 0.6,
        ratePerSecond: 200,
        tickMs: 100,
        roundTripMs: 20,
        writeMs: 10,
        seconds: 120,
        seed: 1,
      };
      const sweep = simulate({ ...scenario, webhookLoss: undefined }, uniformSweep());
      const plan = simulate(scenario, plannedPolls(scenario));
      process.stdout.write(
        `${JSON.stringify({
          ...load,
          workers,
          medianMs,
          sweepMs: Math.round(sweep.meanLagMs),
          planMs: Math.round(plan.meanLagMs),
          planP95Ms: Math.round(plan.p95LagMs),
          ratio: Number((sweep.meanLagMs / plan.meanLagMs).toFixed(1)),
          requestsPerJob: Number(plan.requestsPerJob.toFixed(2)),
        })}\n`,
      );
    }
