import { announcedJobs, type Callbacks, callbacksOf } from "@/lib/collector/callbacks";
import { Circuits } from "@/lib/collector/circuits";
import { type Claim, claimCalled, claimOne, claimPolls, release } from "@/lib/collector/claim";
import { isNothing, OutputDraft, progressText, TakenOver } from "@/lib/collector/output";
import { NO_CARRY, nextPollInMs, planPolls, smoothStarts } from "@/lib/collector/plan";
import { db } from "@/lib/db/client";
import { whileDatabaseIsDown } from "@/lib/db/retry";
import { type CircuitOperation, type CircuitState, isTrouble } from "@/lib/endpoints/circuit";
import { connect, type EndpointRecord, pauseEndpoint } from "@/lib/endpoints/connection";
import { isTerminal, observe } from "@/lib/jobs/lifecycle";
import {
  dropHint,
  isForeignId,
  recordAbsence,
  recordSightings,
  recordUnreadable,
  type Sighting,
} from "@/lib/jobs/record";
import { claimSends, runBudget, sendJob } from "@/lib/jobs/send";
import type { JobRecord } from "@/lib/jobs/store";
import { env } from "@/lib/kernel/env";
import { GroupWriter } from "@/lib/kernel/group-writer";
import { log } from "@/lib/kernel/log";
import { TTL_MS } from "@/lib/requests/limits";
import { fullRate, pauseAfterThrottle, slowDown, takeTokens } from "@/lib/upstream/budget";
import type { EndpointClient, StatusOutcome, Trouble } from "@/lib/upstream/client";

/** Polls under way per endpoint and process: at 200 requests per second, enough for answers that take half a second. */
const MAX_IN_FLIGHT = 100;
const FAILED_TICK_MS = 500;
/** The provider takes 200 at once from all of us. */
const MAX_SENDS_IN_FLIGHT = 50;
/** Sends at once to an endpoint that has not taken any lately: each one that it spoils is a job in doubt. */
const FIRST_SENDS_IN_FLIGHT = 4;
const IDLE_TICK_MS = { least: 40, most: 250 };
/** One poll that failed; several in a row open the circuit. */
const TROUBLE_MS = 1_000;
/** A job whose answers cannot be read is looked at ever more seldom, and holds up no other. */
const UNREADABLE_MS = { first: 1_000, most: 60_000 };
const UNREADABLE_IS_NEWS = 3;
/** The counters are up to half a second old, and jobs that a webhook heals are in none of them. */
const UNCOUNTED = 5;

/** Live jobs of an endpoint. */
export type LaneCounts = { sending: number; queued: number; running: number };

/**
 * One endpoint as one collector sees it: its own rhythm, what is under way, and what waits to be written. Results are
 * written by one writer at a time that takes all that is there, so a burst becomes one transaction.
 */
export class Lane {
  private endpoint: EndpointRecord;
  private client: EndpointClient;
  private running = 0;
  private queued = 0;
  private carry = NO_CARRY;
  private startsPerSecond = 0;
  /** Jobs seen to leave the queue since the last plan. */
  private started = 0;
  private ratePerSecond = fullRate("status").ratePerSecond;
  private plannedAt = performance.now();
  private nextTickAt = 0;
  private idleMs = IDLE_TICK_MS.least;
  private isTicking = false;
  /** Perhaps by a callback. */
  private isWoken = true;
  private isFailing = false;
  private sending = 0;
  private sendsInFlight = 0;
  private sendsAtOnce = FIRST_SENDS_IN_FLIGHT;
  private isTryingToSend = false;
  private inFlight = 0;
  private readonly circuits: Circuits;
  private readonly sightings = new GroupWriter<Sighting>((group) => this.writeSightings(group));
  private readonly calm = new GroupWriter<Parameters<typeof release>[1][number]>((group) =>
    whileDatabaseIsDown(() => release(db(), group)),
  );
  private readonly callbacks: Callbacks;

  constructor(
    private readonly owner: string,
    endpoint: EndpointRecord,
  ) {
    this.endpoint = endpoint;
    this.client = connect(endpoint);
    this.circuits = new Circuits(endpoint);
    this.callbacks = callbacksOf(endpoint.id);
  }

  /** Counts, settings and troubles, read about once a second for all lanes together. */
  update(
    endpoint: EndpointRecord,
    counts: LaneCounts,
    circuits: readonly CircuitState[] = [],
    readAt = performance.now(),
  ): void {
    if (endpoint.updatedAt.getTime() !== this.endpoint.updatedAt.getTime()) {
      this.endpoint = endpoint;
      this.client = connect(endpoint);
    }
    this.circuits.take(circuits, readAt);
    if (counts.running + counts.queued > this.running + this.queued) this.wake();
    this.running = counts.running;
    this.queued = counts.queued;
    this.sending = counts.sending;
  }

  /** Something is due sooner than it was thought. */
  wake(): void {
    this.isWoken = true;
    this.idleMs = IDLE_TICK_MS.least;
    this.nextTickAt = Math.min(this.nextTickAt, performance.now());
  }

  private get webhooks(): boolean {
    // Our own endpoint is polled as if it never called: it costs nobody anything, and progress stays live.
    return this.endpoint.kind !== "local" && this.callbacks.work;
  }

  /** One look at what is due; returns at once when the last look is still going on or it is too early. Never throws. */
  async tick(): Promise<void> {
    const now = performance.now();
    if (this.isTicking || now < this.nextTickAt || this.endpoint.pausedAt || this.endpoint.removedAt) return;
    this.isTicking = true;
    try {
      const claimed = this.circuits.isOpen("status") ? await this.tryAgain() : await this.claim(now);
      this.idleMs = claimed > 0 ? IDLE_TICK_MS.least : Math.min(IDLE_TICK_MS.most, this.idleMs * 1.5);
      this.nextTickAt = performance.now() + this.idleMs;
      this.isFailing = false;
    } catch (error) {
      // One line per outage; the work goes on when it is over.
      if (!this.isFailing)
        log.warn({ err: error, endpoint: this.endpoint.id }, "an endpoint's jobs could not be claimed");
      this.isFailing = true;
      this.nextTickAt = performance.now() + FAILED_TICK_MS;
    } finally {
      this.isTicking = false;
    }
  }

  private async claim(now: number): Promise<number> {
    await this.callbacks.judge(now, (jobIds) => announcedJobs(db(), this.endpoint.workspaceId, jobIds));
    return (await this.claimCalled()) + (await this.claimPlanned(now));
  }

  /** The endpoint has not been answering: when it is on us to ask, ask about one job, or else for its health. */
  private async tryAgain(): Promise<number> {
    if (!(await this.circuits.mayProbe("status"))) return 0;
    const claims = await claimOne(db(), this.owner, this.endpoint.id);
    if (claims.length === 0) {
      if (await this.isHealthy("status")) await this.circuits.answered("status");
    } else if ((await this.pollWithinRate(claims)) === 0) await this.circuits.giveBack("status");
    return claims.length;
  }

  /** A question that may be asked at any time and costs nothing. */
  private async isHealthy(operation: CircuitOperation): Promise<boolean> {
    const outcome = await this.client.health();
    if (outcome.kind === "unauthorized") await this.pause(outcome);
    else if (isTrouble("status", outcome)) await this.circuits.failed(operation, outcome);
    else return true;
    return false;
  }

  /** What callbacks spoke of is looked at at once, beside the plan. */
  private async claimCalled(): Promise<number> {
    const room = MAX_IN_FLIGHT - this.inFlight;
    if (room <= 0 || !(this.isWoken || this.webhooks)) return 0;
    this.isWoken = false;
    const claims = await claimCalled(db(), this.owner, this.endpoint.id, room);
    await this.pollWithinRate(claims, { called: true });
    return claims.length;
  }

  private async claimPlanned(now: number): Promise<number> {
    const tickMs = now - this.plannedAt;
    const plan = planPolls({
      running: this.running + UNCOUNTED,
      queued: this.queued,
      ratePerSecond: this.ratePerSecond,
      tickMs,
      startsPerSecond: this.startsPerSecond,
      webhooks: this.webhooks,
      carry: this.carry,
    });
    const budget = Math.min(plan.budget, MAX_IN_FLIGHT - this.inFlight);
    if (budget <= 0) return 0;
    this.plannedAt = now;
    this.startsPerSecond = smoothStarts(this.startsPerSecond, this.started, Math.max(1, tickMs));
    this.started = 0;
    this.carry = plan.carry;
    const limits = { ...plan, budget, running: Math.min(plan.running, budget) };
    const claims = await claimPolls(db(), this.owner, this.endpoint.id, limits, plan.headIntervalMs);
    await this.pollWithinRate(claims);
    return claims.length;
  }

  /** @returns how many are polled now. */
  private async pollWithinRate(claims: Claim[], unlucky: { called?: boolean } = {}): Promise<number> {
    if (claims.length === 0) return 0;
    const { granted, ratePerSecond } = await takeTokens(db(), this.budgetKey, claims.length);
    this.ratePerSecond = ratePerSecond;
    await release(
      db(),
      claims.slice(granted).map((claim) => ({ claim, delayMs: 100, seen: false, ...unlucky })),
    );
    for (const claim of claims.slice(0, granted)) void this.poll(claim);
    return granted;
  }

  /** Send what is due and unsent, as far as the budget and the sends under way allow. Does not wait for the answers. */
  async send(): Promise<void> {
    if (this.sending === 0 || this.endpoint.pausedAt || this.circuits.isOpen("status")) return;
    if (this.circuits.isOpen("run")) return void this.tryToSend();
    await this.sendSome(Math.min(this.sending, this.sendsAtOnce - this.sendsInFlight));
  }

  /** Requests have been getting lost: when it is on us, see whether the endpoint is well and then send one. */
  private async tryToSend(): Promise<void> {
    if (this.isTryingToSend) return;
    this.isTryingToSend = true;
    try {
      if (!(await this.circuits.mayProbe("run")) || !(await this.isHealthy("run"))) return;
      if ((await this.sendSome(1)) === 0) await this.circuits.giveBack("run");
    } catch (error) {
      log.warn({ err: error, endpoint: this.endpoint.id }, "an endpoint in trouble could not be tried");
    } finally {
      this.isTryingToSend = false;
    }
  }

  /** @returns how many are being sent. */
  private async sendSome(room: number): Promise<number> {
    if (room <= 0) return 0;
    const claims = await claimSends(this.owner, this.endpoint.id, room);
    if (claims.length === 0) return 0;
    const { granted } = await takeTokens(db(), runBudget(this.endpoint), claims.length);
    await release(
      db(),
      claims
        .slice(granted)
        .map(({ row, fence }) => ({ claim: { jobId: row.id, fence }, delayMs: 100, seen: false })),
    );
    for (const { row } of claims.slice(0, granted)) void this.sendOne(row);
    return granted;
  }

  private async sendOne(row: JobRecord): Promise<void> {
    this.sendsInFlight++;
    try {
      const outcome = await sendJob(row, this.endpoint, this.client);
      if (outcome?.kind === "accepted") {
        this.sendsAtOnce = Math.min(MAX_SENDS_IN_FLIGHT, this.sendsAtOnce + 1);
        this.circuits.forget("run");
      } else if (outcome && isTrouble("run", outcome)) {
        this.sendsAtOnce = FIRST_SENDS_IN_FLIGHT;
        await this.circuits.refresh();
      }
    } catch (error) {
      log.error({ err: error, job: row.id }, "a due job could not be sent; it stays in line");
    } finally {
      this.sendsInFlight--;
    }
  }

  private get budgetKey() {
    const { credentialFingerprint, upstreamId } = this.endpoint;
    return { credentialFingerprint, upstreamId, operation: "status" as const };
  }

  private async poll(claim: Claim): Promise<void> {
    this.inFlight++;
    const draft = new OutputDraft(db(), this.endpoint.workspaceId, claim);
    try {
      const outcome = await this.client.status(claim.upstreamId, draft.take);
      await this.take(claim, outcome, draft);
    } catch (error) {
      // The lease runs out and the job is looked at again; if it was taken over, it is already.
      if (!(error instanceof TakenOver))
        log.error({ err: error, job: claim.jobId }, "a poll could not be recorded");
    } finally {
      // What is left of it now nobody has taken. A database that is gone keeps it until it is swept.
      await draft.drop().catch(() => {});
      this.inFlight--;
    }
  }

  private async take(claim: Claim, outcome: StatusOutcome, draft: OutputDraft): Promise<void> {
    if (isTrouble("status", outcome)) {
      await this.circuits.failed("status", outcome);
      const delayMs = Math.max(TROUBLE_MS * (0.5 + Math.random()), retryAfter(outcome));
      return release(db(), [{ claim, delayMs, seen: false }]);
    }
    await this.circuits.answered("status");
    if (outcome.kind === "missing") return recordAbsence(db(), this.endpoint.workspaceId, claim);
    if (outcome.kind !== "seen") return this.takeTrouble(claim, outcome);
    const { fields, output } = outcome;
    const observation = {
      at: claim.at,
      upstreamId: claim.upstreamId,
      status: fields.status,
      workerId: fields.workerId,
      retries: fields.retries,
      delayMs: fields.delayTime,
      executionMs: fields.executionTime,
      error: fields.error,
      progress: isTerminal(fields.status) ? undefined : progressText(output),
    };
    const next = observe(claim.state, observation);
    const delayMs = nextPollInMs({
      // Where the job stands, not what was said: a running one that is called queued once more runs on.
      phase: next.status === "IN_QUEUE" ? "queue" : "run",
      ageMs: claim.startedAgeMs,
      untilGoneMs: untilTtl(claim),
      webhooks: this.webhooks,
    });
    if (next === claim.state) return this.calm.add({ claim, delayMs, seen: true });
    const isEnd = isTerminal(fields.status);
    const kept =
      isEnd && output && !isNothing(output) ? await draft.keep(output, env().maxOutputBytes) : null;
    // Whoever is draining the stream stores its pieces first, so that they stand in order.
    if (isEnd && !kept && claim.streamIsLeased) return this.calm.add({ claim, delayMs: 300, seen: true });
    const stream = isEnd && kept === null ? await this.drain(claim.upstreamId, fields.status) : [];
    if (stream === null) return this.calm.add({ claim, delayMs: 1000, seen: true });
    await this.sightings.add({ claim, observation, output: kept, stream, pollAgainMs: delayMs });
  }

  /**
   * A generator's pieces are only in the stream buffer, which goes with the job: take what nobody has taken. Asked only
   * when the verdict came without an output.
   * @returns null when it could not be asked just now: the verdict waits, or the pieces would be lost.
   */
  private async drain(upstreamId: string, status: string): Promise<string[] | null> {
    if (status !== "COMPLETED" && status !== "FAILED") return [];
    const { granted } = await takeTokens(db(), this.budgetKey, 1);
    if (granted === 0) return null;
    const outcome = await this.client.stream(upstreamId);
    if (outcome.kind === "throttled")
      await slowDown(db(), this.budgetKey, pauseAfterThrottle(outcome.retryAfterMs));
    if (outcome.kind === "throttled" || outcome.kind === "unreachable") return null;
    return outcome.kind === "drained" ? outcome.chunks : [];
  }

  private async takeTrouble(claim: Claim, trouble: Trouble): Promise<void> {
    if (trouble.kind === "throttled") {
      const pauseMs = pauseAfterThrottle(trouble.retryAfterMs);
      await slowDown(db(), this.budgetKey, pauseMs);
      return release(db(), [{ claim, delayMs: pauseMs, seen: false }]);
    }
    if (trouble.kind === "unauthorized") {
      await this.pause(trouble);
      return release(db(), [{ claim, delayMs: 1000, seen: false }]);
    }
    // It answers, and what it says of this job cannot be understood.
    if (claim.misses + 1 === UNREADABLE_IS_NEWS)
      await recordUnreadable(db(), this.endpoint.workspaceId, claim, trouble.words);
    const waitMs = Math.min(UNREADABLE_MS.most, UNREADABLE_MS.first * 2 ** Math.min(claim.misses, 10));
    const delayMs = Math.max(waitMs * (0.5 + Math.random()), retryAfter(trouble));
    await release(db(), [{ claim, delayMs, seen: false, missed: true }]);
  }

  private async pause({ httpStatus, words }: Extract<Trouble, { kind: "unauthorized" }>): Promise<void> {
    const reason = `The provider refused the API key (HTTP ${httpStatus}). ${words}`.trim();
    await pauseEndpoint(db(), this.endpoint, reason);
    this.endpoint = { ...this.endpoint, pausedAt: new Date() };
  }

  private async writeSightings(sightings: Sighting[]): Promise<void> {
    try {
      const { workspaceId } = this.endpoint;
      const { started, ended } = await whileDatabaseIsDown(() =>
        recordSightings(db(), workspaceId, sightings),
      );
      this.running = Math.max(0, this.running + started - ended.length);
      this.queued = Math.max(0, this.queued - started);
      this.callbacks.ended(ended, performance.now());
      this.started += started;
    } catch (error) {
      if (sightings.length === 1 && isForeignId(error)) return dropHint(db(), sightings[0]!.claim);
      if (!isForeignId(error)) throw error;
      for (const one of sightings) await this.writeSightings([one]);
    }
  }

  /** For a clean stop. */
  async settle(): Promise<void> {
    while (this.inFlight > 0 || this.sendsInFlight > 0 || this.sightings.isBusy || this.calm.isBusy)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const retryAfter = (trouble: Trouble): number =>
  ("retryAfterMs" in trouble ? trouble.retryAfterMs : null) ?? 0;

const untilTtl = (claim: Claim): number =>
  (claim.state.queuedAt ?? claim.at).getTime() + (claim.ttlMs ?? TTL_MS.default) - claim.at.getTime();
