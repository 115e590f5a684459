import { type Claim, claimCalled, claimPolls, release } from "@/lib/collector/claim";
import { GroupWriter } from "@/lib/collector/group-writer";
import { isNothing, OutputDraft, progressText, TakenOver } from "@/lib/collector/output";
import { NO_CARRY, nextPollInMs, planPolls, smoothStarts } from "@/lib/collector/plan";
import { db } from "@/lib/db/client";
import { whileDatabaseIsDown } from "@/lib/db/retry";
import { connect, type EndpointRecord, pauseEndpoint } from "@/lib/endpoints/connection";
import { isTerminal, observe } from "@/lib/jobs/lifecycle";
import { dropHint, isForeignId, recordAbsence, recordSightings, type Sighting } from "@/lib/jobs/record";
import { claimSends, runBudget, sendJob } from "@/lib/jobs/send";
import type { JobRecord } from "@/lib/jobs/store";
import { env } from "@/lib/kernel/env";
import { log } from "@/lib/kernel/log";
import { TTL_MS } from "@/lib/requests/limits";
import { fullRate, pauseAfterThrottle, slowDown, takeTokens } from "@/lib/upstream/budget";
import type { EndpointClient, StatusOutcome, Trouble } from "@/lib/upstream/client";

/** Polls under way per endpoint and process: at 200 requests per second, enough for answers that take half a second. */
const MAX_IN_FLIGHT = 100;
const FAILED_TICK_MS = 500;
/** The provider takes 200 at once from all of us. */
const MAX_SENDS_IN_FLIGHT = 50;
const IDLE_TICK_MS = { least: 40, most: 250 };
const TROUBLE_MS = { first: 500, most: 30_000 };
/** The counters are up to half a second old, and jobs that a webhook heals are in none of them. */
const UNCOUNTED = 5;
/** Jobs whose verdict a callback announced, out of the last few: above this, polling is only the net. */
const CALLBACKS_WORK = 0.5;

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
  private inFlight = 0;
  private failures = 0;
  private readonly sightings = new GroupWriter<Sighting>((group) => this.writeSightings(group));
  private readonly calm = new GroupWriter<Parameters<typeof release>[1][number]>((group) =>
    whileDatabaseIsDown(() => release(db(), group)),
  );
  /** Share of recent verdicts that a callback announced; remembers about ten. */
  private announced = 0;

  constructor(
    private readonly owner: string,
    endpoint: EndpointRecord,
  ) {
    this.endpoint = endpoint;
    this.client = connect(endpoint);
  }

  /** Counts and settings, read about once a second for all lanes together. */
  update(endpoint: EndpointRecord, counts: LaneCounts): void {
    if (endpoint.updatedAt.getTime() !== this.endpoint.updatedAt.getTime()) {
      this.endpoint = endpoint;
      this.client = connect(endpoint);
      this.failures = 0;
    }
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
    return this.endpoint.kind !== "local" && this.announced > CALLBACKS_WORK;
  }

  /** One look at what is due; returns at once when the last look is still going on or it is too early. Never throws. */
  async tick(): Promise<void> {
    const now = performance.now();
    if (this.isTicking || now < this.nextTickAt || this.endpoint.pausedAt || this.endpoint.removedAt) return;
    this.isTicking = true;
    try {
      const claimed = await this.claim(now);
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
    return (await this.claimCalled()) + (await this.claimPlanned(now));
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

  private async pollWithinRate(claims: Claim[], unlucky: { called?: boolean } = {}): Promise<void> {
    if (claims.length === 0) return;
    const { granted, ratePerSecond } = await takeTokens(db(), this.budgetKey, claims.length);
    this.ratePerSecond = ratePerSecond;
    await release(
      db(),
      claims.slice(granted).map((claim) => ({ claim, delayMs: 100, seen: false, ...unlucky })),
    );
    for (const claim of claims.slice(0, granted)) void this.poll(claim);
  }

  /** Send what is due and unsent, as far as the budget and the sends under way allow. Does not wait for the answers. */
  async send(): Promise<void> {
    if (this.sending === 0 || this.endpoint.pausedAt) return;
    const room = Math.min(this.sending, MAX_SENDS_IN_FLIGHT - this.sendsInFlight);
    if (room <= 0) return;
    const claims = await claimSends(this.owner, this.endpoint.id, room);
    if (claims.length === 0) return;
    const { granted } = await takeTokens(db(), runBudget(this.endpoint), claims.length);
    await release(
      db(),
      claims
        .slice(granted)
        .map(({ row, fence }) => ({ claim: { jobId: row.id, fence }, delayMs: 100, seen: false })),
    );
    for (const { row } of claims.slice(0, granted)) void this.sendOne(row);
  }

  private async sendOne(row: JobRecord): Promise<void> {
    this.sendsInFlight++;
    try {
      await sendJob(row, this.endpoint, this.client);
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
    if (outcome.kind === "missing") return recordAbsence(db(), this.endpoint.workspaceId, claim);
    if (outcome.kind !== "seen") return this.takeTrouble(claim, outcome);
    this.failures = 0;
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
    const delayMs = nextPollInMs({
      phase: fields.status === "IN_QUEUE" ? "queue" : "run",
      ageMs: claim.startedAgeMs,
      untilGoneMs: untilTtl(claim),
      webhooks: this.webhooks,
    });
    if (observe(claim.state, observation) === claim.state)
      return this.calm.add({ claim, delayMs, seen: true });
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
    const outcome = await this.client.stream(upstreamId);
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
      const words = `The provider refused the API key (HTTP ${trouble.httpStatus}). ${trouble.words}`.trim();
      await pauseEndpoint(db(), this.endpoint, words);
      this.endpoint = { ...this.endpoint, pausedAt: new Date() };
      return release(db(), [{ claim, delayMs: 1000, seen: false }]);
    }
    this.failures++;
    const waitMs = Math.min(TROUBLE_MS.most, TROUBLE_MS.first * 2 ** Math.min(this.failures, 10));
    // Several in a row are the endpoint's trouble, not the job's: the whole lane waits.
    if (this.failures >= 5) this.nextTickAt = performance.now() + waitMs / 4;
    if (this.failures === 5)
      log.warn({ endpoint: this.endpoint.id, words: trouble.words }, "an endpoint is in trouble");
    await release(db(), [{ claim, delayMs: waitMs * (0.5 + Math.random()), seen: false }]);
  }

  private async writeSightings(sightings: Sighting[]): Promise<void> {
    try {
      const { workspaceId } = this.endpoint;
      const { started, announced, ended } = await whileDatabaseIsDown(() =>
        recordSightings(db(), workspaceId, sightings),
      );
      this.running = Math.max(0, this.running + started - ended);
      this.queued = Math.max(0, this.queued - started);
      for (let i = 0; i < ended; i++) this.announced += ((i < announced ? 1 : 0) - this.announced) / 10;
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

const untilTtl = (claim: Claim): number =>
  (claim.state.queuedAt ?? claim.at).getTime() + (claim.ttlMs ?? TTL_MS.default) - claim.at.getTime();
