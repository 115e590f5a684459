import type { Clock } from "@/bench/upstream/clock";
import type { UpstreamJob } from "@/bench/upstream/job-queue";
import { uniform } from "@/bench/upstream/random";

export type WebhookPlan = {
  enabled: boolean;
  /** Share of the jobs whose every delivery disappears on the way. */
  lossRate: number;
  /** Deliveries of each job's callback that arrive in spite of a 2xx; 1 is a well-behaved provider. */
  times: number;
  /** Each delivery waits a seeded time between 0 and this, so that later completions overtake earlier ones. */
  reorderMs: number;
  /** The job runs at once, outside the queue, and its callback arrives before /run has answered. */
  beforeRunAnswers: boolean;
  /** Provider time between attempts, and how long the receiver may take, in real time. */
  retryMs: number;
  timeoutMs: number;
};

export const WEBHOOKS_ON: WebhookPlan = {
  enabled: true,
  lossRate: 0,
  times: 1,
  reorderMs: 0,
  beforeRunAnswers: false,
  retryMs: 10_000,
  timeoutMs: 10_000,
};

export type WebhookCounts = { attempts: number; delivered: number; failed: number; dropped: number };

export type WebhookSender = {
  counts: WebhookCounts;
  /** Resolves when the first attempt has been answered, lost or given up. */
  deliver(job: UpstreamJob, body: string): Promise<void>;
  stop(): void;
};

const ATTEMPTS = 3;

/** The provider's callbacks: unsigned, a 2xx ends them, otherwise two more tries. */
export function createWebhookSender(options: {
  plan: WebhookPlan;
  clock: Clock;
  seed: number;
  fetch?: typeof globalThis.fetch;
}): WebhookSender {
  const { plan, clock, seed, fetch = globalThis.fetch } = options;
  const counts: WebhookCounts = { attempts: 0, delivered: 0, failed: 0, dropped: 0 };
  const timers = new Set<NodeJS.Timeout>();
  const stopping = new AbortController();

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = clock.after(ms, () => {
        timers.delete(timer);
        resolve();
      });
      timers.add(timer);
    });

  async function attempt(url: string, body: string): Promise<boolean> {
    counts.attempts++;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "Go-http-client/2.0" },
        body,
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(plan.timeoutMs), stopping.signal]),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      // an unreachable receiver is what the retries are for; the caller counts it
      return false;
    }
  }

  async function retry(url: string, body: string): Promise<void> {
    for (let tries = 1; tries < ATTEMPTS; tries++) {
      await pause(clock.realMs(plan.retryMs));
      if (stopping.signal.aborted) return;
      if (await attempt(url, body)) {
        counts.delivered++;
        return;
      }
    }
    counts.failed++;
  }

  return {
    counts,
    async deliver(job, body) {
      if (!plan.enabled || !job.webhook) return;
      if (uniform(seed + 101, job.index) < plan.lossRate) {
        counts.dropped++;
        return;
      }
      for (let time = 0; time < plan.times; time++) {
        if (plan.reorderMs > 0) await pause(plan.reorderMs * uniform(seed + 211 + time, job.index));
        if (stopping.signal.aborted) return;
        if (await attempt(job.webhook, body)) counts.delivered++;
        else void retry(job.webhook, body);
      }
    },
    stop() {
      stopping.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
