import { randomUUID } from "node:crypto";
import type { Answer } from "@/bench/upstream/answer";
import { json } from "@/bench/upstream/answer";
import type { Clock } from "@/bench/upstream/clock";
import { JobQueue, type UpstreamJob } from "@/bench/upstream/job-queue";
import { outputOf, viewOf } from "@/bench/upstream/job-view";
import type { Route } from "@/bench/upstream/operations";
import type { UpstreamOptions } from "@/bench/upstream/options";
import { logNormal } from "@/bench/upstream/random";
import { createWebhookSender, type WebhookSender } from "@/bench/upstream/webhooks";

const DEFAULT_EXECUTION_TIMEOUT_MS = 24 * 3_600_000;

/** The provider without its HTTP: what each operation does and answers. */
export type Provider = {
  queue: JobQueue;
  webhooks: WebhookSender;
  /** What /status told, by the job's status; "missing" for 404. */
  told: Record<string, number>;
  execute(route: Route, body: string): Answer | Promise<Answer>;
  stop(): void;
};

type Submission = {
  input?: unknown;
  webhook?: unknown;
  policy?: { ttl?: unknown; executionTimeout?: unknown } | null;
};

export function createProvider(options: UpstreamOptions, clock: Clock): Provider {
  const queue = new JobQueue(clock, options.workers, {
    run: clock.realMs(options.retentionMs),
    runsync: clock.realMs(options.runsyncRetentionMs),
  });
  const webhooks = createWebhookSender({ plan: options.webhooks, clock, seed: options.seed });
  const script = (job: { input: unknown; index: number }) => options.script(job.input, job.index);
  const view = (job: UpstreamJob) =>
    viewOf(job, () => outputOf(job, options.seed, script(job).outputBytes ?? options.outputBytes));

  const told: Record<string, number> = {};
  const count = (word: string) => {
    told[word] = (told[word] ?? 0) + 1;
  };

  const callBack = (job: UpstreamJob) =>
    webhooks.deliver(job, JSON.stringify({ ...view(job), input: job.input, webhook: job.webhook }));
  queue.on("completed", (job) => {
    const reported = job.status === "COMPLETED" || job.status === "FAILED";
    if (reported && job.webhook && !options.webhooks.beforeRunAnswers) void callBack(job);
  });

  function submit(operation: "run" | "runsync", body: string): UpstreamJob | Answer {
    let submission: Submission | null;
    try {
      submission = JSON.parse(body) as Submission | null;
    } catch {
      return json(400, { error: "json is invalid" });
    }
    if (typeof submission !== "object" || submission === null || submission.input === undefined)
      return json(400, { error: "input is required" });
    const { input, webhook, policy } = submission;
    const index = queue.ledger.size;
    const scripted = options.script(input, index);
    const now = clock.now();
    const ttlMs = typeof policy?.ttl === "number" ? policy.ttl : options.ttlMs;
    return {
      id: `${operation === "runsync" ? "sync-" : ""}${randomUUID()}-u1`,
      index,
      operation,
      input,
      marker: options.markerOf(input),
      webhook: typeof webhook === "string" ? webhook : undefined,
      acceptedAt: now,
      queuedAt: now,
      expiresAt: now + clock.realMs(ttlMs),
      runMs: scripted.runMs ?? logNormal(options.seed, index, options.runMedianMs, options.runSigma),
      fails: scripted.fails ?? false,
      executionTimeoutMs:
        typeof policy?.executionTimeout === "number" ? policy.executionTimeout : DEFAULT_EXECUTION_TIMEOUT_MS,
      status: "IN_QUEUE",
      retries: 0,
      forgotten: false,
    };
  }

  async function run(body: string): Promise<Answer> {
    const job = submit("run", body);
    if ("body" in job) return job;
    queue.accept(job);
    if (options.webhooks.beforeRunAnswers) {
      job.startedAt ??= clock.now();
      queue.finish(job, job.fails ? "FAILED" : "COMPLETED");
      await callBack(job);
    }
    return json(200, { id: job.id, status: "IN_QUEUE" });
  }

  /** Answers when the job is terminal or `wait` is over, whichever comes first. */
  function waitFor(job: UpstreamJob, query: string): Promise<Answer> {
    const asked = Number(new URLSearchParams(query).get("wait") ?? 90_000);
    const waitMs = Math.min(Math.max(Number.isFinite(asked) ? asked : 90_000, 1000), 300_000);
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        queue.off("completed", onCompleted);
        resolve(json(200, view(job)));
      };
      const onCompleted = (done: UpstreamJob) => {
        if (done === job) finish();
      };
      const timer = clock.after(waitMs, finish);
      if (job.completedAt !== undefined) finish();
      else queue.on("completed", onCompleted);
    });
  }

  function health(): Answer {
    const { inQueue, inProgress } = queue.counts();
    const ended = { completed: 0, failed: 0, retried: 0 };
    for (const job of queue.ledger.values()) {
      if (job.status === "COMPLETED") ended.completed++;
      else if (job.status === "FAILED" || job.status === "TIMED_OUT") ended.failed++;
      if (job.retries > 0) ended.retried++;
    }
    const workers = Math.max(options.workers, inProgress);
    const idle = workers - inProgress;
    return json(200, {
      jobs: { ...ended, inProgress, inQueue },
      workers: { idle, initializing: 0, ready: idle, running: inProgress, throttled: 0, unhealthy: 0 },
    });
  }

  return {
    queue,
    webhooks,
    told,
    execute({ operation, jobId, query }, body) {
      if (operation === "run") return run(body);
      if (operation === "runsync") {
        const job = submit("runsync", body);
        if ("body" in job) return job;
        queue.accept(job);
        return waitFor(job, query);
      }
      if (operation === "health") return health();
      if (operation === "purge-queue") return json(200, { removed: queue.purge(), status: "completed" });
      const job = queue.find(jobId ?? "");
      if (operation === "status") count(job?.status ?? "missing");
      if (!job) return json(404, { error: "job not found" });
      if (operation === "status") {
        if (job.completedAt !== undefined) job.toldAt ??= clock.now();
        return json(200, view(job));
      }
      if (operation === "status-sync") return waitFor(job, query);
      if (operation === "cancel") {
        queue.cancel(job);
        return json(200, { id: job.id, status: job.status });
      }
      return queue.retry(job)
        ? json(200, { id: job.id, status: "IN_QUEUE" })
        : json(400, { error: "only failed or timed out jobs can be retried" });
    },
    stop() {
      webhooks.stop();
      queue.stop();
    },
  };
}
