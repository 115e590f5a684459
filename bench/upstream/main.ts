/**
 * The scriptable upstream alone, so that a person can point a browser session at it:
 * `node --import tsx bench/upstream/main.ts --port 4010 --workers 20 --seed 1 --retention 30m --scale 60`.
 * Prints one JSON line with its URL, and its counters when it ends.
 */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import type { FaultRule } from "@/bench/upstream/faults";
import { startUpstream } from "@/bench/upstream/start";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!match) throw new InvalidArgumentError("give a number with ms, s, m or h, for example 30m");
  return Number(match[1]) * UNITS[match[2] ?? "ms"]!;
}

function number(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError("give a number of at least 0");
  return value;
}

const program = new Command("upstream")
  .description("A scriptable provider of the RunPod job API.")
  .option("--port <n>", "port, 0 for a free one", number, 4010)
  .option("--host <address>", "address to listen on", "127.0.0.1")
  .option("--key <key>", "API key that it accepts", "bench-key")
  .option("--workers <n>", "workers behind the queue", number, 20)
  .option("--seed <n>", "seed of run times and outputs", number, 1)
  .option("--run-median <duration>", "median run time (log-normal)", durationMs, 4000)
  .option("--run-sigma <n>", "deviation of its logarithm", number, 0.6)
  .option("--output-bytes <n>", "size of each output's payload", number, 0)
  .option("--retention <duration>", "provider time that results live", durationMs, 30 * 60_000)
  .option("--ttl <duration>", "provider time that jobs live", durationMs, 24 * 3_600_000)
  .option("--scale <n>", "how much faster provider time runs", number, 1)
  .option("--round-trip <duration>", "artificial round trip", durationMs, 20)
  .option("--no-limits", "no rate or concurrency limits")
  .option("--retry-after", "429 answers name the seconds to wait", false)
  .option("--webhooks <mode>", "on, off, lossy (30 % lost), repeated, reordered or early", "on")
  .option("--faults <file>", "JSON file with an array of fault rules, see bench/upstream/faults.ts")
  .parse();

const options = program.opts<{
  port: number;
  host: string;
  key: string;
  workers: number;
  seed: number;
  runMedian: number;
  runSigma: number;
  outputBytes: number;
  retention: number;
  ttl: number;
  scale: number;
  roundTrip: number;
  limits: boolean;
  retryAfter: boolean;
  webhooks: string;
  faults?: string;
}>();

const WEBHOOK_MODES = {
  on: {},
  off: { enabled: false },
  lossy: { lossRate: 0.3 },
  repeated: { times: 3 },
  reordered: { reorderMs: 2000 },
  early: { beforeRunAnswers: true },
};
const mode = WEBHOOK_MODES[options.webhooks as keyof typeof WEBHOOK_MODES];
if (!mode) program.error(`--webhooks knows ${Object.keys(WEBHOOK_MODES).join(", ")}.`);

const faultFile = z.array(z.looseObject({ fault: z.looseObject({ kind: z.string() }) }));

const upstream = await startUpstream({
  port: options.port,
  host: options.host,
  keys: [options.key],
  workers: options.workers,
  seed: options.seed,
  runMedianMs: options.runMedian,
  runSigma: options.runSigma,
  outputBytes: options.outputBytes,
  retentionMs: options.retention,
  ttlMs: options.ttl,
  scale: options.scale,
  roundTripMs: options.roundTrip,
  retryAfter: options.retryAfter,
  webhooks: { ...WEBHOOKS_ON, ...mode },
  ...(!options.limits && { limits: "none" as const }),
  ...(options.faults !== undefined && {
    faults: faultFile.parse(JSON.parse(readFileSync(options.faults, "utf8"))) as unknown as FaultRule[],
  }),
});
process.stdout.write(`${JSON.stringify({ url: upstream.url, key: upstream.key })}\n`);

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, async () => {
    process.stdout.write(`${JSON.stringify(upstream.counters())}\n`);
    await upstream.close();
  });
