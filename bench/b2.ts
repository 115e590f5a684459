/**
 * B2: how long after a job ended upstream its end stands in a committed row, without webhooks, at 1,000 and 5,000 active
 * jobs. Product: the collector. Peer: a uniform sweep over all active jobs at the rate of the product's own limiter, writing
 * the same rows. Pass: 10 times fresher at 1,000 and 25 times at 5,000; aim 12 and 32.
 *
 * Steady state: W workers are busy from the first moment, and each job whose end became visible is replaced at once, so
 * that the number of active jobs stays. After a warm-up the jobs that end within a window are followed until the last of
 * them is visible. "Visible" is what another connection reads, looked for every 10 ms; both sides carry those 5 ms.
 * The upstream takes submits without a limit here: filling its queue is not what is measured.
 */
import { benchDatabase } from "@/bench/database";
import {
  alternate,
  type Bench,
  type BenchResult,
  mean,
  median,
  percentile,
  round,
  spread,
} from "@/bench/report";
import { startSweep } from "@/bench/sweep";
import { measureLag, type StartWatcher } from "@/bench/visible-lag";
import { startCollector } from "@/lib/collector/runner";
import { fullRate } from "@/lib/upstream/budget";

const SIZES = [
  { active: 1000, pass: 10, aim: 12, windowMs: 12_000 },
  { active: 5000, pass: 25, aim: 32, windowMs: 15_000 },
];
const LOAD = { workers: 50, runMedianMs: 4000, runSigma: 0.6 };

const collector: StartWatcher = async () => {
  const running = await startCollector();
  return { add: () => {}, stop: () => running.stop() };
};

const sweep: StartWatcher = async (upstream, seat, jobs) =>
  startSweep({ upstream, seat, jobs, ratePerSecond: fullRate("status").ratePerSecond });

async function run({ rounds }: { rounds: number }): Promise<BenchResult[]> {
  const database = await benchDatabase();
  try {
    const results: BenchResult[] = [];
    for (const { active, pass, aim, windowMs } of SIZES) {
      const pairs = await alternate(
        rounds,
        (n) => measureLag(collector, { ...LOAD, active, windowMs, seed: n + 1 }),
        (n) => measureLag(sweep, { ...LOAD, active, windowMs, seed: n + 1 }),
      );
      const ratios = pairs.map(({ product, peer }) => mean(peer.lagsMs) / mean(product.lagsMs));
      const ratio = round(median(ratios), 2);
      const side = (name: "product" | "peer") => {
        const all = pairs.map((pair) => pair[name]);
        const lags = all.flatMap(({ lagsMs }) => lagsMs);
        return {
          meanMs: round(mean(lags)),
          untilAskedMs: round(mean(all.flatMap(({ untilAskedMs }) => untilAskedMs))),
          p95Ms: round(percentile(lags, 0.95)),
          jobs: lags.length,
          statusRequestsPerJob: round(mean(all.map((m) => m.statusRequestsPerJob))),
          statusTold: all[0]!.statusTold,
          maxPerSecond: Math.max(...all.map((m) => m.maxPerSecond)),
          maxPer10s: Math.max(...all.map((m) => m.maxPerWindow)),
          limited: all.reduce((sum, m) => sum + m.limited, 0),
        };
      };
      results.push({
        bench: "B2",
        ratio,
        target: pass,
        pass: ratio >= pass,
        detail: {
          active,
          aim,
          aimMet: ratio >= aim,
          rounds,
          ratios: spread(ratios),
          product: side("product"),
          peer: side("peer"),
          ...LOAD,
          roundTripMs: 20,
          webhooks: "off",
        },
      });
    }
    return results;
  } finally {
    await database.close();
  }
}

export const b2: Bench = { name: "B2", run };
