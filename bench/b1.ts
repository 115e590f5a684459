/**
 * B1: submits per second with a durable journal, against a bare fetch loop at the same concurrency against the same
 * upstream. Product: `submitJob`, which is all that a submit is on the server: journal, rate budget, durable mark, send,
 * record. Peer: the same bodies by `fetch`, keeping nothing. Both run as many loops at once, each at an endpoint of its own,
 * so that the provider's limits (enforced by the upstream) hold neither of them back. The upstream is a process of its own
 * with a round trip of 20 ms. Pass: at least 0.8 of the peer's rate; aim 0.97.
 */
import { randomUUID } from "node:crypto";
import { loadavg } from "node:os";
import { benchDatabase } from "@/bench/database";
import { addEndpoint, clear, seatAt, sitDown } from "@/bench/population";
import { alternate, type Bench, type BenchResult, median, percentile, round, spread } from "@/bench/report";
import { spawnUpstream } from "@/bench/upstream-process";
import { pool } from "@/lib/db/client";
import { submitJob } from "@/lib/jobs/service";
import { requestSchema } from "@/lib/requests/schema";

const CONCURRENCY = 10;
const SUBMITS_PER_LOOP = 150;
const PASS = 0.8;
const AIM = 0.97;

const inputText = (loop: number, n: number) =>
  JSON.stringify({ prompt: `A lighthouse in a storm, take ${n} of ${loop}`, steps: 20, seed: n });

type Pace = { perSecond: number; latenciesMs: number[] };

/** Loops that each do one thing after the other. */
async function paceOf(submit: (loop: number, n: number) => Promise<void>): Promise<Pace> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const loop = async (_: unknown, index: number) => {
    for (let n = 0; n < SUBMITS_PER_LOOP; n++) {
      const from = performance.now();
      await submit(index, n);
      latenciesMs.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  return { perSecond: (latenciesMs.length * 1000) / (performance.now() - startedAt), latenciesMs };
}

type UpstreamProcess = Awaited<ReturnType<typeof spawnUpstream>>;

async function product(upstream: UpstreamProcess): Promise<Pace> {
  const seat = await seatAt(upstream);
  const ctx = await sitDown(seat);
  const endpointIds = [seat.endpointId];
  while (endpointIds.length < CONCURRENCY)
    endpointIds.push(await addEndpoint(upstream, seat.workspaceId, `bench-${endpointIds.length}`));
  const request = (text: string) => requestSchema.parse({ inputText: text });
  try {
    const pace = await paceOf(async (loop, n) => {
      const { status } = await submitJob(ctx, {
        clientKey: randomUUID(),
        endpointId: endpointIds[loop]!,
        request: request(inputText(loop, n)),
      });
      if (status !== "IN_QUEUE") throw new Error(`a submit ended as ${status}`);
    });
    const { rows } = await pool().query(
      "select count(*)::int as sent from job where workspace_id = $1 and upstream_id is not null",
      [seat.workspaceId],
    );
    if (rows[0].sent !== pace.latenciesMs.length) throw new Error("not every submit is in the database");
    return pace;
  } finally {
    await clear(seat);
  }
}

async function peer(upstream: UpstreamProcess): Promise<Pace> {
  return paceOf(async (loop, n) => {
    const answer = await fetch(`${upstream.url}/peer-${loop}/run`, {
      method: "POST",
      headers: { authorization: `Bearer ${upstream.key}`, "content-type": "application/json" },
      body: `{"input":${inputText(loop, n)}}`,
    });
    const { id } = (await answer.json()) as { id?: string };
    if (!answer.ok || !id) throw new Error(`the upstream answered ${answer.status}`);
  });
}

async function run({ rounds }: { rounds: number }): Promise<BenchResult[]> {
  const database = await benchDatabase();
  const loads = [loadavg()[0]!];
  const fresh = async (side: (upstream: UpstreamProcess) => Promise<Pace>) => {
    // One per side and round: what it remembers of earlier rounds would cost the later ones.
    const upstream = await spawnUpstream(["--webhooks", "off", "--round-trip", "20ms", "--seed", "1"]);
    try {
      return await side(upstream);
    } finally {
      await upstream.stop();
      loads.push(loadavg()[0]!);
    }
  };
  try {
    await fresh(product); // compiles what both sides share, warms the pool
    const pairs = await alternate(
      rounds,
      () => fresh(product),
      () => fresh(peer),
    );
    const ratios = pairs.map((pair) => pair.product.perSecond / pair.peer.perSecond);
    const ratio = round(median(ratios), 3);
    const side = (name: "product" | "peer") => ({
      perSecond: round(median(pairs.map((pair) => pair[name].perSecond))),
      p50Ms: round(
        percentile(
          pairs.flatMap((pair) => pair[name].latenciesMs),
          0.5,
        ),
      ),
      p99Ms: round(
        percentile(
          pairs.flatMap((pair) => pair[name].latenciesMs),
          0.99,
        ),
      ),
    });
    return [
      {
        bench: "B1",
        ratio,
        target: PASS,
        pass: ratio >= PASS,
        detail: {
          aim: AIM,
          aimMet: ratio >= AIM,
          rounds,
          ratios: spread(ratios),
          concurrency: CONCURRENCY,
          submitsPerRound: CONCURRENCY * SUBMITS_PER_LOOP,
          product: side("product"),
          peer: side("peer"),
          roundTripMs: 20,
          load: spread(loads),
        },
      },
    ];
  } finally {
    await database.close();
  }
}

export const b1: Bench = { name: "B1", run };
