import type { FaultRule } from "@/bench/upstream/faults";
import { type Limit, PROVIDER_LIMITS } from "@/bench/upstream/limits";
import type { Operation } from "@/bench/upstream/operations";
import { WEBHOOKS_ON, type WebhookPlan } from "@/bench/upstream/webhooks";

/** What one job does when a worker has it. */
export type Script = { runMs?: number; fails?: boolean; outputBytes?: number };

export type UpstreamOptions = {
  /** 0 (default) takes a free port. */
  port: number;
  host: string;
  keys: string[];
  /** Only these endpoint ids exist; undefined lets every id through. All share one queue. */
  endpointIds: string[] | undefined;
  workers: number;
  seed: number;
  /** Median and deviation (of the logarithm) of run times, in real milliseconds. */
  runMedianMs: number;
  runSigma: number;
  outputBytes: number;
  /** Wins over the seeded run time and the default output. The default reads `input.sim`. */
  script: (input: unknown, index: number) => Script;
  markerOf: (input: unknown) => string | undefined;
  /** Provider time: see clock.ts. Defaults 30 min, 1 min, 24 h. */
  retentionMs: number;
  runsyncRetentionMs: number;
  ttlMs: number;
  scale: number;
  /** Real milliseconds that each answer waits. */
  roundTripMs: number;
  limits: Record<Operation, Limit> | "none";
  /** Whether a 429 names the seconds to wait. */
  retryAfter: boolean;
  webhooks: WebhookPlan;
  faults: FaultRule[];
};

function field(input: unknown, name: string): unknown {
  return typeof input === "object" && input !== null ? (input as Record<string, unknown>)[name] : undefined;
}

const numberOrNothing = (value: unknown): number | undefined =>
  typeof value === "number" && value >= 0 ? value : undefined;

/** `{"sim": {"runMs": 50, "fails": true, "outputBytes": 1000}}` lets a person steer a job from the browser. */
function scriptFromInput(input: unknown): Script {
  const sim = field(input, "sim");
  const runMs = numberOrNothing(field(sim, "runMs"));
  const outputBytes = numberOrNothing(field(sim, "outputBytes"));
  return {
    ...(runMs !== undefined && { runMs }),
    ...(outputBytes !== undefined && { outputBytes }),
    fails: field(sim, "fails") === true,
  };
}

const markerFromInput = (input: unknown): string | undefined => {
  const marker = field(input, "marker");
  return typeof marker === "string" ? marker : undefined;
};

export function withDefaults(options: Partial<UpstreamOptions>): UpstreamOptions {
  return {
    port: 0,
    host: "127.0.0.1",
    keys: ["bench-key"],
    endpointIds: undefined,
    workers: 20,
    seed: 1,
    runMedianMs: 4000,
    runSigma: 0.6,
    outputBytes: 0,
    script: scriptFromInput,
    markerOf: markerFromInput,
    retentionMs: 30 * 60_000,
    runsyncRetentionMs: 60_000,
    ttlMs: 24 * 3_600_000,
    scale: 1,
    roundTripMs: 20,
    limits: PROVIDER_LIMITS,
    retryAfter: false,
    webhooks: WEBHOOKS_ON,
    faults: [],
    ...options,
  };
}
