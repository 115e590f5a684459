import { EventEmitter } from "node:events";
import type { Clock } from "@/bench/upstream/clock";

export type UpstreamStatus = "IN_QUEUE" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED" | "TIMED_OUT";

export type UpstreamJob = {
  readonly id: string;
  /** Order of acceptance, from 0. */
  readonly index: number;
  readonly operation: "run" | "runsync";
  readonly input: unknown;
  /** What identifies the intent behind it: two accepted jobs with one marker were paid for twice. */
  readonly marker: string | undefined;
  readonly webhook: string | undefined;
  readonly acceptedAt: number;
  readonly expiresAt: number;
  readonly runMs: number;
  readonly fails: boolean;
  readonly executionTimeoutMs: number;
  status: UpstreamStatus;
  queuedAt: number;
  startedAt?: number;
  /** Epoch ms when it became terminal. */
  completedAt?: number;
  /** Epoch ms when /status first told that it is terminal. */
  toldAt?: number;
  retries: number;
  /** Removed by hand (a provider that lost it). */
  forgotten: boolean;
};

type Events = {
  accepted: [job: UpstreamJob];
  started: [job: UpstreamJob];
  /** Terminal in any way. */
  completed: [job: UpstreamJob];
};

/** FIFO queue in front of `workers` identical workers. Jobs that retention or ttl removed stay in the ledger, unseen. */
export class JobQueue extends EventEmitter<Events> {
  readonly ledger = new Map<string, UpstreamJob>();
  #waiting: UpstreamJob[] = [];
  #head = 0;
  readonly #running = new Map<string, NodeJS.Timeout>();
  completed = 0;

  constructor(
    private readonly clock: Clock,
    private workers: number,
    private readonly retentionMs: { run: number; runsync: number },
  ) {
    super();
    // every long request listens for its own job
    this.setMaxListeners(0);
  }

  accept(job: UpstreamJob): void {
    this.ledger.set(job.id, job);
    this.#waiting.push(job);
    this.emit("accepted", job);
    this.#fill();
  }

  /** As the provider's API sees it: undefined once retention or ttl is over. */
  find(id: string): UpstreamJob | undefined {
    const job = this.ledger.get(id);
    if (!job || job.forgotten) return undefined;
    const now = this.clock.now();
    if (now >= job.expiresAt) return undefined;
    if (job.completedAt !== undefined && now >= job.completedAt + this.retentionMs[job.operation])
      return undefined;
    return job;
  }

  counts(): { inQueue: number; inProgress: number } {
    let inQueue = 0;
    for (let i = this.#head; i < this.#waiting.length; i++) if (this.#waits(this.#waiting[i]!)) inQueue++;
    return { inQueue, inProgress: this.#running.size };
  }

  cancel(job: UpstreamJob): boolean {
    if (job.completedAt !== undefined) return false;
    this.finish(job, "CANCELLED");
    return true;
  }

  retry(job: UpstreamJob): boolean {
    if (job.status !== "FAILED" && job.status !== "TIMED_OUT") return false;
    job.status = "IN_QUEUE";
    job.queuedAt = this.clock.now();
    job.retries++;
    delete job.startedAt;
    delete job.completedAt;
    this.#waiting.push(job);
    this.#fill();
    return true;
  }

  purge(): number {
    const queued = this.#waiting.slice(this.#head).filter((job) => this.#waits(job));
    this.#waiting = [];
    this.#head = 0;
    for (const job of queued) this.finish(job, "CANCELLED");
    return queued.length;
  }

  setWorkers(workers: number): void {
    this.workers = workers;
    this.#fill();
  }

  finishAll(): void {
    const open = [...this.ledger.values()].filter((job) => job.completedAt === undefined);
    this.#waiting = [];
    this.#head = 0;
    for (const job of open) {
      job.startedAt ??= this.clock.now();
      this.finish(job, job.fails ? "FAILED" : "COMPLETED");
    }
  }

  /** Without an event: the server is going away. */
  stop(): void {
    for (const timer of this.#running.values()) clearTimeout(timer);
    this.#running.clear();
    this.workers = 0;
  }

  finish(job: UpstreamJob, status: UpstreamStatus): void {
    if (job.completedAt !== undefined) return;
    clearTimeout(this.#running.get(job.id));
    this.#running.delete(job.id);
    job.status = status;
    job.completedAt = this.clock.now();
    this.completed++;
    this.emit("completed", job);
    this.#fill();
  }

  #waits(job: UpstreamJob): boolean {
    return job.status === "IN_QUEUE" && !job.forgotten && this.clock.now() < job.expiresAt;
  }

  #fill(): void {
    while (this.#running.size < this.workers && this.#head < this.#waiting.length) {
      const job = this.#waiting[this.#head++]!;
      if (this.#waits(job)) this.#start(job);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }

  #start(job: UpstreamJob): void {
    job.status = "IN_PROGRESS";
    job.startedAt = this.clock.now();
    const timesOut = job.runMs > job.executionTimeoutMs;
    this.#running.set(
      job.id,
      this.clock.after(Math.min(job.runMs, job.executionTimeoutMs), () =>
        this.finish(job, timesOut ? "TIMED_OUT" : job.fails ? "FAILED" : "COMPLETED"),
      ),
    );
    this.emit("started", job);
  }
}
