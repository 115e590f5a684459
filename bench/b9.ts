/**
 * B9: outputs of 0.3, 10 and 100 MB (lists of small objects), and how long an event loop stands still for one: the
 * collector's that keeps it, and the web's that serves it whole. Peer: a process that fetches the same answer, parses it
 * and prints it prettily. Each measures itself (faults/stall-meter.mjs): the longest turn of its event loop, no longer than
 * the time that the process itself was at work, since on a shared machine others keep it waiting. Pass: 50 ms; aim 10 ms.
 * `ratio` is the peer's stall to the product's worse one.
 *
 * In the detail: the same by monitorEventLoopDelay, which counts others' doing, too; the growth of memory; and how long the
 * requests take with which the job's page is usable (the job, and the head of an output that does not come with it). The
 * browser's part, 64 kB of text at most, is the same for any size.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { benchCluster } from "@/bench/database";
import { type Bench, type BenchResult, median, round, spread } from "@/bench/report";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { newIntent, submitSurely } from "@/faults/intents";
import { freePort, type Program } from "@/faults/role";
import { askStall, measured, type Stall } from "@/faults/stall";
import { startWorld, type World } from "@/faults/world";

const MB = 1024 * 1024;
const SIZES = [0.3, 10, 100];
const PASS_MS = 50;
const AIM_MS = 10;
const PAGE_AIM_MS = 1000;
const HEAD_BYTES = 64 * 1024;
const OVER_LIMIT_MS = 300_000;

/** JSON as workers return it: objects of numbers and short texts. */
function outputOf(megabytes: number): string {
  const items: string[] = [];
  for (let bytes = 2; bytes < megabytes * MB; bytes += items.at(-1)!.length + 1)
    items.push(
      `{"index":${items.length},"score":${(Math.sin(items.length) / 2 + 0.5).toFixed(6)},"label":"token \\"${items.length % 997}\\"","box":[12,34,56,78]}`,
    );
  return `[${items.join(",")}]`;
}

type Place = { world: World; upstream: Upstream; collector: Program; web: Program; webUrl: string };
type Taken = { collector: Stall; web: Stall; pageMs: number };

/** Let a job end with this output, wait until it is kept, open its page and download it. */
async function product({ world, upstream, collector, web, webUrl }: Place, output: string): Promise<Taken> {
  const intent = newIntent(world.endpointId, { sim: { runMs: 20 } });
  const answerWith = (job: { id: string; marker: string | undefined }) => {
    const body = `{"delayTime":1,"executionTime":20,"id":"${job.id}","output":${output},"status":"COMPLETED"}`;
    if (job.marker === intent.marker)
      upstream.setFaults([{ operation: "status", fault: { kind: "body", body } }]);
  };
  upstream.on("completed", answerWith);
  await Promise.all([askStall(collector), askStall(web)]);
  await submitSurely(world.url, world.browser, intent);
  for (const giveUpAt = Date.now() + OVER_LIMIT_MS; ; await sleep(50)) {
    const { rows } = await world.client.query("select output_state, output_bytes from job where id = $1", [
      intent.acknowledged,
    ]);
    if (rows[0].output_state === "stored" && Number(rows[0].output_bytes) === Buffer.byteLength(output))
      break;
    if (Date.now() > giveUpAt) throw new Error("the output was not kept");
  }
  upstream.setFaults([]);

  const ask = (tail: string, headers: Record<string, string> = {}) =>
    request(`${webUrl}${world.browser.api}/jobs/${intent.acknowledged}${tail}`, {
      headers: { cookie: world.browser.cookie, ...headers },
    });
  const from = performance.now();
  const job = (await (await ask("")).body.json()) as { output: string | null };
  if (job.output === null) await (await ask("/output", { range: `bytes=0-${HEAD_BYTES - 1}` })).body.text();
  const pageMs = performance.now() - from;
  let bytes = 0;
  for await (const chunk of (await ask("/output")).body as AsyncIterable<Buffer>) bytes += chunk.length;
  if (bytes !== Buffer.byteLength(output)) throw new Error(`${bytes} bytes were served`);
  return { collector: await askStall(collector), web: await askStall(web), pageMs };
}

/** A fresh process each time: a heap that has seen 100 MB before is another one. */
async function parseAndPrint(upstream: Upstream, output: string): Promise<Stall> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./parse-and-print.mjs", import.meta.url))], {
    env: { ...process.env, ...measured },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  try {
    await once(child, "message");
    const peer = { child } as Pick<Program, "child"> as Program;
    await askStall(peer);
    upstream.setFaults([
      { operation: "status", fault: { kind: "body", body: `{"id":"peer","output":${output}}` } },
    ]);
    const took = once(child, "message");
    child.send({ type: "take", url: `${upstream.url}/ep1/status/peer`, key: upstream.key });
    await took;
    return await askStall(peer);
  } finally {
    upstream.setFaults([]);
    child.kill();
  }
}

const worst = (stalls: readonly Stall[]) => ({
  busyMs: spread(stalls.map((one) => one.busyMs)),
  loopMs: spread(stalls.map((one) => one.loopMs)),
  peakRssMb: round(Math.max(...stalls.map((one) => one.peakRssMb)), 0),
});

async function measure(place: Place, megabytes: number, rounds: number): Promise<BenchResult> {
  const output = outputOf(megabytes);
  const pairs: { product: Taken; peer: Stall }[] = [];
  for (let n = 0; n < rounds; n++)
    pairs.push({ product: await product(place, output), peer: await parseAndPrint(place.upstream, output) });
  const stalls = pairs.map((pair) => Math.max(pair.product.collector.busyMs, pair.product.web.busyMs));
  const stallMs = median(stalls);
  const pageMs = median(pairs.map((pair) => pair.product.pageMs));
  return {
    bench: "B9",
    ratio: round(median(pairs.map((pair, n) => pair.peer.busyMs / stalls[n]!)), 1),
    target: PASS_MS,
    pass: stallMs <= PASS_MS,
    detail: {
      megabytes,
      stallMs: spread(stalls),
      aim: AIM_MS,
      aimMet: stallMs <= AIM_MS && pageMs <= PAGE_AIM_MS,
      pageRequestsMs: spread(pairs.map((pair) => pair.product.pageMs)),
      collector: worst(pairs.map((pair) => pair.product.collector)),
      web: worst(pairs.map((pair) => pair.product.web)),
      peer: worst(pairs.map((pair) => pair.peer)),
      rounds,
      loadAverage: round(loadavg()[0]!),
    },
  };
}

async function run({ rounds }: { rounds: number }): Promise<BenchResult[]> {
  const cluster = await benchCluster();
  const upstream = await startUpstream({ workers: 4, roundTripMs: 20 });
  try {
    const world = await startWorld(cluster.url, upstream);
    try {
      const port = await freePort();
      const web = await world.start("web", { ...measured, PORT: String(port) });
      const collector = await world.start("collector", measured);
      const place = { world, upstream, collector, web, webUrl: `http://127.0.0.1:${port}` };
      // What is loaded and compiled at the first job is not an output's doing.
      await product(place, outputOf(0.01));
      const results: BenchResult[] = [];
      for (const megabytes of SIZES) results.push(await measure(place, megabytes, rounds));
      return results;
    } finally {
      await world.close();
    }
  } finally {
    await upstream.close();
    await cluster.stop();
  }
}

export const b9: Bench = { name: "B9", run };
