import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { inParallel, newIntent, submit } from "@/faults/intents";
import { IS_LONG, RUNS, report } from "@/faults/report";
import { freePort, type Program } from "@/faults/role";
import { until } from "@/faults/until";
import { startWorld, type World } from "@/faults/world";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

const SUBMITS = IS_LONG ? 2_000 : 60;
const KILLS = IS_LONG ? Math.max(20, Math.floor(RUNS / 5)) : 2;
const SUBMITTERS = 12;
/** Submits that are spread over the kills: so many in the time that a web process takes to die and to be there again. */
const PER_KILL = SUBMITS / (KILLS + 1);

let database: TestDatabase;
let upstream: Upstream;
let world: World;

beforeAll(async () => {
  [database, upstream] = await Promise.all([
    testDatabase(),
    startUpstream({ workers: 200, runMedianMs: 200, limits: "none" }),
  ]);
  world = await startWorld(database.url, upstream);
  await world.start("collector");
}, 300_000);
afterAll(async () => {
  await world?.close();
  await upstream?.close();
  await database?.close();
}, 60_000);

it(`row 4: kill -9 of web at random moments, ${KILLS} times during ${SUBMITS} submits`, async () => {
  onTestFailed(() => void process.stderr.write(world.said().slice(-20_000)));
  // One that is killed again and again beside the one that stays, as behind a proxy.
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let victim: Program = await world.start("web", { PORT: String(port) });
  const urls = [url, world.url];
  const intents = Array.from({ length: SUBMITS }, () => newIntent(world.endpointId));
  let underWay = 0;
  let done = 0;
  let unanswered = 0;

  const load = inParallel(intents, SUBMITTERS, async (intent) => {
    for (let attempt = 0; ; attempt++) {
      // Each is clicked at the victim first; "try again" goes wherever the proxy leads.
      const isVictim = urls[attempt % 2] === url;
      if (isVictim) underWay++;
      const refused = await submit(urls[attempt % 2]!, world.browser, intent);
      if (isVictim) underWay--;
      if (!refused) break;
      if (refused.status === null) unanswered++;
      else expect(refused.status, refused.words).toBe(503);
      expect(attempt).toBeLessThan(200);
      await sleep(50);
    }
    done++;
  });
  const kills: number[] = [];
  const kill = async () => {
    while (kills.length < KILLS) {
      const from = done;
      await until(
        "submits go on",
        120_000,
        async () => done - from >= Math.min(PER_KILL / 2, SUBMITS - done - 1),
      );
      await sleep(Math.random() * 100);
      // A kill counts when it meets submits that are under way.
      await until("submits are under way", 60_000, async () => underWay > 0 || done === SUBMITS);
      if (done === SUBMITS) break;
      const met = underWay;
      expect(await victim.end("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });
      kills.push(met);
      victim = await world.start("web", { PORT: String(port) });
    }
  };
  await Promise.all([load, kill()]);

  const byStatus = async () => {
    const { rows } = await world.client.query<{ status: string; count: number }>(
      "select status, count(*)::int as count from job group by 1",
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  };
  // In doubt stay only those that were marked and never left: what upstream has is healed by its callback.
  const isSettled = async () => {
    const { COMPLETED = 0, UNCONFIRMED = 0 } = await byStatus();
    return COMPLETED === upstream.jobs().length && COMPLETED + UNCONFIRMED === SUBMITS;
  };
  await until("every job is definite", 120_000, isSettled).catch(() => {}); // said below
  const findings = await world.check(intents);
  report({
    row: "4",
    title: `web killed at random during ${SUBMITS} submits`,
    runs: kills.length,
    ...findings,
  });
  expect(findings.violations).toEqual([]);
  expect(kills.length).toBe(KILLS);
  expect(unanswered).toBeGreaterThan(0);
  expect(findings.states.COMPLETED).toBe(upstream.jobs().length);
  expect(findings.states.UNCONFIRMED ?? 0).toBe(SUBMITS - upstream.jobs().length);
  process.stdout.write(
    `${JSON.stringify({ kills: kills.length, underWay: kills, unanswered, ...findings })}\n`,
  );
}, 3_600_000);
