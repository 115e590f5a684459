import { createHash } from "node:crypto";
import { request } from "undici";
import { afterAll, afterEach, beforeAll, expect, it, onTestFailed } from "vitest";
import type { Fault } from "@/bench/upstream/faults";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { type Intent, newIntent, submitSurely } from "@/faults/intents";
import { IS_LONG, report } from "@/faults/report";
import { freePort, type Program } from "@/faults/role";
import { askStall, measured, type Stall } from "@/faults/stall";
import { until } from "@/faults/until";
import { startWorld, type World } from "@/faults/world";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

const MB = 1024 * 1024;
const HUGE_BYTES = (IS_LONG ? 100 : 24) * MB;
const DEPTH = 1_000_000;
const BOMB_BYTES = (IS_LONG ? 1000 : 100) * MB;
/** Of the collectors that meet the bomb and are killed. */
const SMALL_LIMIT_MB = 8;
const ARCHIVED_BYTES = 6 * MB;
/** Parsing the output would take many times this long; an idle machine shows some 10 ms (bench B9 has the figures). */
const STALL_MOST_MS = 250;
/** What a process may grow by, its own garbage included, while it keeps an output of any size. */
const GROWTH_MOST_MB = 96;

let database: TestDatabase;
let upstream: Upstream;
let world: World;
let secondWeb: { url: string; program: Program };
const collectors: Program[] = [];
const intents: Intent[] = [];

beforeAll(async () => {
  upstream = await startUpstream({ workers: 4, roundTripMs: 5 });
  database = await testDatabase();
  world = await startWorld(database.url, upstream);
  const port = await freePort();
  const program = await world.start("web", { ...measured, PORT: String(port) });
  secondWeb = { url: `http://127.0.0.1:${port}`, program };
}, 300_000);
afterAll(async () => {
  await world?.close();
  await database?.close();
  await upstream?.close();
}, 60_000);

const startCollector = async (more: Parameters<World["start"]>[1] = {}): Promise<Program> => {
  const program = await world.start("collector", more);
  collectors.push(program);
  return program;
};
// One that a failed test left would fetch what the next test's collector is to be killed for.
afterEach(() => Promise.all(collectors.splice(0).map((program) => program.end())));

/** Submits a job whose every answer to /status carries this output, once it is COMPLETED. */
async function submitWith(fault: Fault | null): Promise<string> {
  const intent = newIntent(world.endpointId, { sim: { runMs: 20 } });
  intents.push(intent);
  upstream.setFaults([]);
  const spoil = (job: { marker: string | undefined }) => {
    if (fault && job.marker === intent.marker) upstream.setFaults([{ operation: "status", fault }]);
  };
  upstream.on("completed", spoil);
  await submitSurely(world.url, world.browser, intent);
  return intent.acknowledged!;
}

type Kept = {
  status: string;
  output_state: string;
  output_bytes: number | null;
  output_limit_bytes: number | null;
};
const readKept = async (id: string): Promise<Kept> => {
  const { rows } = await world.client.query<Kept>(
    "select status, output_state, output_bytes, output_limit_bytes from job where id = $1",
    [id],
  );
  return rows[0]!;
};
const isOver = async (id: string) => (await readKept(id)).status === "COMPLETED";
const count = async (query: string, id: string): Promise<number> =>
  (await world.client.query<{ count: number }>(query, [id])).rows[0]?.count ?? 0;
const chunksOf = (id: string) => count("select count(*) from job_output_chunk where job_id = $1", id);
const draftsOf = (id: string) => count("select count(*) from job_output_draft where job_id = $1", id);

const outputOf = (id: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") =>
  request(`${secondWeb.url}${world.browser.api}/jobs/${id}/output`, {
    method,
    headers: { cookie: world.browser.cookie, ...headers },
  });

/** Reads a whole output as a download does. */
async function download(id: string): Promise<{ bytes: number; hash: string }> {
  const answer = await outputOf(id);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, hash: hash.digest("hex") };
}
const hashOf = (...parts: [piece: string, times: number][]): string => {
  const hash = createHash("sha256");
  for (const [piece, times] of parts) {
    const block = piece.repeat(Math.min(times, 65_536));
    for (let left = times * piece.length; left > 0; left -= block.length) hash.update(block.slice(0, left));
  }
  return hash.digest("hex");
};

/** What is too long or too much, as broken promises. */
const excess = (what: string, stall: Stall, beforeMb: number): string[] => [
  ...(stall.busyMs > STALL_MOST_MS ? [`${what} stood still for ${Math.round(stall.busyMs)} ms`] : []),
  ...(stall.peakRssMb - beforeMb > GROWTH_MOST_MB
    ? [`${what} grew by ${Math.round(stall.peakRssMb - beforeMb)} MB`]
    : []),
];
const rounded = (stall: Stall) =>
  Object.fromEntries(Object.entries(stall).map(([name, value]) => [name, Math.round(value * 10) / 10]));

it("row 10: huge and deep outputs are kept as they were spelled, bombs are not, and nothing stands still", async () => {
  onTestFailed(() => void process.stderr.write(world.said().slice(-20_000)));
  const collector = await startCollector(measured);
  const small = await submitWith(null);
  await until("an ordinary job is kept", 60_000, () => isOver(small));

  const violations: string[] = [];
  const seen: Record<string, unknown> = {};
  for (const [name, fault, bytes, hash] of [
    [
      "huge",
      { kind: "huge", bytes: HUGE_BYTES },
      HUGE_BYTES + 2,
      hashOf(['"', 1], ["x", HUGE_BYTES], ['"', 1]),
    ],
    ["deep", { kind: "deep", depth: DEPTH }, 2 * DEPTH, hashOf(["[", DEPTH], ["]", DEPTH])],
  ] as const) {
    const beforeMb = (await askStall(collector)).peakRssMb;
    const id = await submitWith(fault);
    await until(`the ${name} output is kept`, 120_000, () => isOver(id));
    upstream.setFaults([]);
    const keeping = await askStall(collector);
    violations.push(...excess(`the collector, keeping the ${name} one,`, keeping, beforeMb));
    expect(await readKept(id)).toMatchObject({ output_state: "stored", output_bytes: bytes });
    await until("its draft is gone", 10_000, async () => (await draftsOf(id)) === 0);

    const webMb = (await askStall(secondWeb.program)).peakRssMb;
    const head = await outputOf(id, {}, "HEAD");
    expect([head.statusCode, head.headers["content-length"]]).toEqual([200, String(bytes)]);
    const part = await outputOf(id, { range: `bytes=${bytes - 3}-` });
    expect([part.statusCode, (await part.body.text()).length]).toEqual([206, 3]);
    expect(await download(id)).toEqual({ bytes, hash });
    const serving = await askStall(secondWeb.program);
    violations.push(...excess(`web, serving the ${name} one,`, serving, webMb));
    seen[name] = { keeping: rounded(keeping), serving: rounded(serving) };
  }
  await collector.end();

  const careful = await startCollector({
    ...measured,
    JOBDECK_MAX_OUTPUT_MB: String(SMALL_LIMIT_MB),
  });
  const first = await submitWith(null);
  await until("an ordinary job is kept", 60_000, () => isOver(first));
  const beforeMb = (await askStall(careful)).peakRssMb;
  const id = await submitWith({ kind: "gzip-bomb", bytes: BOMB_BYTES });
  await until("the job of the bomb is over", 120_000, () => isOver(id));
  upstream.setFaults([]);
  const limit = SMALL_LIMIT_MB * MB;
  expect(await readKept(id)).toMatchObject({
    output_state: "too_large",
    output_limit_bytes: limit,
    output_bytes: 4 * limit,
  });
  await until("nothing of it is left", 10_000, async () => (await chunksOf(id)) + (await draftsOf(id)) === 0);
  const bomb = await askStall(careful);
  violations.push(...excess("the collector, facing the bomb,", bomb, beforeMb));
  process.stdout.write(`${JSON.stringify({ ...seen, bomb: rounded(bomb) })}\n`);
  await careful.end();

  const title = `${HUGE_BYTES / MB} MB, ${DEPTH} levels, a bomb of ${BOMB_BYTES / MB} MB`;
  report({ row: "10", title, runs: 3, violations });
  expect(violations).toEqual([]);
}, 300_000);

it("row 5: a collector killed while it keeps a large output leaves none, and another one fetches it again", async () => {
  onTestFailed(() => void process.stderr.write(world.said().slice(-20_000)));
  const violations: string[] = [];
  const points = ["output-chunk:1", "output-chunk:10", "output-drafted"];
  const rounds = IS_LONG ? 5 : 1;
  let kills = 0;
  for (let round = 0; round < rounds; round++) {
    const id = await submitWith({ kind: "huge", bytes: ARCHIVED_BYTES });
    for (const point of points) {
      const victim = await startCollector({
        JOBDECK_FAILPOINT: point,
        JOBDECK_MAX_OUTPUT_MB: String(SMALL_LIMIT_MB),
      });
      expect(await victim.exit).toMatchObject({ signal: "SIGKILL" });
      kills++;
      expect(await chunksOf(id)).toBeGreaterThan(0);
      const kept = await readKept(id);
      if (kept.output_state !== "none" || kept.status === "COMPLETED")
        violations.push(
          `killed at ${point}, the job is ${kept.status} with an output that is ${kept.output_state}`,
        );
      if ((await outputOf(id)).statusCode !== 404)
        violations.push(`killed at ${point}, half an output is served`);
      // The lease of the dead one ends; nobody waits half a minute for that here.
      await world.client.query(
        "update job_watch set lease_until = now(), next_poll_at = now() where job_id = $1",
        [id],
      );
    }
    const last = await startCollector();
    await until("the output is fetched again and kept", 60_000, () => isOver(id));
    upstream.setFaults([]);
    await until("no draft is left", 10_000, async () => (await draftsOf(id)) === 0);
    await last.end();
    const bytes = ARCHIVED_BYTES + 2;
    const got = await download(id);
    if (got.bytes !== bytes || got.hash !== hashOf(['"', 1], ["x", ARCHIVED_BYTES], ['"', 1]))
      violations.push(`${got.bytes} of ${bytes} bytes are kept, or others`);
    if ((await chunksOf(id)) !== Math.ceil(bytes / (256 * 1024)))
      violations.push("chunks of a dead collector are left");
  }
  report({
    row: "5",
    title: `collector killed while keeping ${ARCHIVED_BYTES / MB} MB`,
    runs: kills,
    violations,
  });
  expect(violations).toEqual([]);
}, 600_000);
