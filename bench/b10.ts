/**
 * B10: kill -9, and how long until the list is served as it was and the collector has kept a result that came meanwhile.
 * Two cases: all children die (web, collector, PostgreSQL) and the supervisor starts them again; and the supervisor dies
 * with them and the same command is started at once. Counted from the kill, seen through the API by the session from
 * before. Each round kills while five jobs run, which end at that moment. Pass: at most 5 s; aim 1 s. No peer: `ratio` is
 * the seconds.
 *
 * What is measured is the first of those results. A job whose lease the dead collector held at that moment waits for the
 * lease to end (30 s at most); whether it does is the fault tests' business.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { loadavg } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { addEndpoint } from "@/bench/population";
import { type SignedIn, startProduct } from "@/bench/product";
import { type Bench, type BenchResult, round, spread } from "@/bench/report";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { pool } from "@/lib/db/client";
import { type RunState, readState } from "@/lib/server/run-state";

const KEPT = 20;
const RUNNING = 5;
const PASS_S = 5;
const AIM_S = 1;
const LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 10;

const page = z.looseObject({ jobs: z.array(z.looseObject({ id: z.string(), status: z.string() })) });
type Statuses = Map<string, string>;

const list = async (product: SignedIn): Promise<Statuses> => {
  const { jobs } = await product.get("/jobs?limit=200", page);
  return new Map(jobs.map(({ id, status }) => [id, status]));
};
/** Undefined while nobody answers, or says that the database does not. */
const listOrNothing = (product: SignedIn) => list(product).catch(() => undefined);

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = performance.now() + LIMIT_MS; !(await isSo()); await sleep(LOOK_EVERY_MS))
    if (performance.now() > giveUpAt) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`);
}

async function submit(product: SignedIn, endpointId: string, runMs: number): Promise<void> {
  await product.post("/jobs", {
    clientKey: randomUUID(),
    endpointId,
    request: { inputText: JSON.stringify({ sim: { runMs } }) },
  });
}

const count = (statuses: Statuses, status: string) =>
  [...statuses.values()].filter((one) => one === status).length;

const stateOf = (product: SignedIn): RunState => {
  const state = readState(path.join(product.dataDir, "run/state.json"));
  if (!state) throw new Error("the product says nothing of its processes");
  return state;
};

/** As `kill -9` of each: the roles with the workers that they started. */
function kill(state: RunState, withSupervisor: boolean): void {
  if (withSupervisor) process.kill(state.supervisor.pid, "SIGKILL");
  for (const { role, pid } of state.processes) process.kill(role === "postgres" ? pid : -pid, "SIGKILL");
}

type Recovery = { listS: number; keptS: number };

async function recovery(
  product: SignedIn,
  upstream: Upstream,
  endpointId: string,
  withSupervisor: boolean,
): Promise<Recovery> {
  const known = await list(product);
  for (let n = 0; n < RUNNING; n++) await submit(product, endpointId, 3_600_000);
  let before = known;
  const running = () =>
    [...before].filter(([id, status]) => status === "IN_PROGRESS" && !known.has(id)).map(([id]) => id);
  await until("the jobs run", async () => {
    before = await list(product);
    return running().length === RUNNING;
  });
  const over = [...before].filter(([, status]) => status === "COMPLETED");

  const from = performance.now();
  kill(stateOf(product), withSupervisor);
  if (withSupervisor) product.startAgain();
  upstream.finishAll();
  const isWhole = (now: Statuses | undefined) =>
    now?.size === before.size && over.every(([id]) => now.get(id) === "COMPLETED");
  await until("the list is served as it was", async () => isWhole(await listOrNothing(product)));
  const listS = (performance.now() - from) / 1000;
  await until("a result is kept", async () => {
    const now = await listOrNothing(product);
    return running().some((id) => now?.get(id) === "COMPLETED");
  });
  return { listS, keptS: (performance.now() - from) / 1000 };
}

/** An endpoint that leads to the upstream, put into the product's database by itself. */
async function connectUpstream(product: SignedIn, upstream: Upstream, secretKey: string): Promise<string> {
  const { databaseUrl } = stateOf(product);
  if (!databaseUrl) throw new Error("the product runs on no database of its own");
  Object.assign(process.env, { DATABASE_URL: databaseUrl, JOBDECK_SECRET_KEY: secretKey });
  try {
    const { rows } = await pool().query<{ id: string }>("select id from workspace");
    return await addEndpoint(upstream, rows[0]!.id, "bench");
  } finally {
    await pool().end();
  }
}

async function run({ rounds }: { rounds: number }): Promise<BenchResult[]> {
  const secretKey = randomBytes(32).toString("base64");
  const upstream = await startUpstream({ seed: 1, workers: 50 });
  const loads: number[] = [];
  const product = await startProduct({
    JOBDECK_SECRET_KEY: secretKey,
    JOBDECK_ALLOW_PRIVATE_ADDRESSES: "127.0.0.1",
  });
  try {
    const endpointId = await connectUpstream(product, upstream, secretKey);
    for (let n = 0; n < KEPT; n++) await submit(product, endpointId, 50);
    await until("the first jobs are over", async () => count(await list(product), "COMPLETED") === KEPT);
    const results: BenchResult[] = [];
    for (const withSupervisor of [false, true]) {
      const seen: Recovery[] = [];
      for (let n = 0; n < rounds; n++) {
        loads.push(loadavg()[0]!);
        seen.push(await recovery(product, upstream, endpointId, withSupervisor));
      }
      const { median: seconds } = spread(seen.map(({ keptS }) => keptS));
      results.push({
        bench: "B10",
        ratio: round(seconds, 2),
        target: PASS_S,
        pass: seconds <= PASS_S,
        detail: {
          killed: withSupervisor
            ? "the supervisor too, started again at once"
            : "web, collector and PostgreSQL",
          aim: AIM_S,
          aimMet: seconds <= AIM_S,
          rounds,
          secondsToList: spread(seen.map(({ listS }) => listS)),
          secondsToResult: spread(seen.map(({ keptS }) => keptS)),
          ofTarget: round(seconds / PASS_S, 2),
          load: spread(loads),
        },
      });
    }
    return results;
  } finally {
    await product.stop();
    await upstream.close();
  }
}

export const b10: Bench = { name: "B10", run };
