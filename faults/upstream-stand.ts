import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Operation } from "@/bench/upstream/operations";
import type { UpstreamOptions } from "@/bench/upstream/options";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { acceptedBy } from "@/faults/check";
import { type Intent, inParallel, newIntent } from "@/faults/intents";
import { checkInvariants, type Findings } from "@/faults/invariants";
import { CANARY_S3, findSecrets } from "@/faults/secrets";
import { until } from "@/faults/until";
import type { Context } from "@/lib/auth/context";
import { startCollector } from "@/lib/collector/runner";
import { pool } from "@/lib/db/client";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { submitJob } from "@/lib/jobs/service";
import { makeContext, makeEndpoint, openTestDatabase } from "@/lib/jobs/testing";
import { requestSchema } from "@/lib/requests/schema";

/** A provider that misbehaves, and the endpoint that leads to it. */
export type Provider = { upstream: Upstream; endpoint: EndpointRecord };

/** A real collector in this process on a real database; providers are on loopback. */
export type Stand = {
  ctx: Context;
  client: pg.Client;
  /** Every intent that was submitted here. */
  intents: Intent[];
  provider: (options?: Partial<UpstreamOptions>) => Promise<Provider>;
  /** As a browser does it. @returns the jobs' ids */
  submit: (at: Provider, inputs: readonly Record<string, unknown>[]) => Promise<Intent[]>;
  /** Jobs per status, of one provider. */
  states: (at: Provider) => Promise<Record<string, number>>;
  untilAll: (at: Provider, status: string, forMs: number) => Promise<void>;
  /** The promises, over all providers. */
  check: () => Promise<Findings>;
  close: () => Promise<void>;
};

const OFF = { ...WEBHOOKS_ON, enabled: false };

/** @param settings of the environment, before anything reads it */
export async function startStand(settings: Record<string, string> = {}): Promise<Stand> {
  const database = await openTestDatabase(settings);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const ctx = await makeContext();
  const collector = await startCollector();
  const providers: Provider[] = [];
  const intents: Intent[] = [];

  // Of the product's own pool: several are asked for at once.
  const states: Stand["states"] = async ({ endpoint }) => {
    const { rows } = await pool().query<{ status: string; count: number }>(
      "select status, count(*)::int as count from job where endpoint_id = $1 group by status",
      [endpoint.id],
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  };

  return {
    ctx,
    client,
    intents,
    states,
    async provider(options = {}) {
      const key = `key-of-provider-${providers.length}`;
      const upstream = await startUpstream({
        keys: [key],
        workers: 10_000,
        roundTripMs: 0,
        limits: "none",
        webhooks: OFF,
        ...options,
      });
      const endpoint = await makeEndpoint(ctx, { baseUrl: upstream.url, apiKey: key });
      providers.push({ upstream, endpoint });
      return { upstream, endpoint };
    },
    async submit({ endpoint }, inputs) {
      const made = inputs.map((input) => newIntent(endpoint.id, input));
      intents.push(...made);
      await inParallel(made, 10, async (intent) => {
        const { clientKey, endpointId, input } = intent;
        const request = requestSchema.parse({ inputText: JSON.stringify(input), s3: CANARY_S3 });
        intent.acknowledged = (await submitJob(ctx, { clientKey, endpointId, request })).id;
      });
      return made;
    },
    async untilAll(at, status, forMs) {
      await until(`every job is ${status}`, forMs, async () =>
        Object.keys(await states(at)).every((found) => found === status),
      );
    },
    async check() {
      const accepted = providers.flatMap(({ upstream }) => acceptedBy(upstream));
      const findings = await checkInvariants(client, intents, accepted);
      // There is no log here, and no web process that a stranger could ask: the database alone.
      const keys = providers.map(({ upstream }, i) => [`API key ${i}`, upstream.key]);
      const secrets = { ...Object.fromEntries(keys), "S3 secret": CANARY_S3.accessSecret };
      const found = await findSecrets(client, "", secrets, ctx.workspace.id);
      return { ...findings, violations: [...findings.violations, ...found] };
    },
    async close() {
      await collector.stop();
      await Promise.all(providers.map(({ upstream }) => upstream.close()));
      await client.end();
      await database.close();
    },
  };
}

/** Requests of one operation that arrived within the next `forMs`, per second. */
export async function rateOver({ upstream }: Provider, operation: Operation, forMs: number): Promise<number> {
  const count = () => upstream.counters().operations[operation].requests;
  const [before, startedAt] = [count(), performance.now()];
  await sleep(forMs);
  return ((count() - before) * 1000) / (performance.now() - startedAt);
}

/** The rest of a run counts, whatever order it ran in: requests of this operation that a plan really spoiled. */
export const spoiled = ({ upstream }: Provider, operation: Operation): number =>
  upstream.counters().operations[operation].faulted;
