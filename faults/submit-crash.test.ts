import { afterAll, beforeAll, expect, it } from "vitest";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { type Intent, newIntent, submit, submitSurely } from "@/faults/intents";
import { RUNS, report } from "@/faults/report";
import { freePort } from "@/faults/role";
import { until } from "@/faults/until";
import { startWorld, type World } from "@/faults/world";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

/**
 * Where a web process dies in the middle of a submit. `repeatPasses`: whether a repeated submit comes by the same place,
 * so that the next kill is at the second pass of its process.
 */
const POINTS = [
  { row: "1", point: "before-commit", what: "before the journal commits", repeatPasses: true },
  {
    row: "2",
    point: "after-commit",
    what: "after the journal, before the send is marked",
    repeatPasses: true,
  },
  { row: "3", point: "before-send", what: "when marked, before a byte left", repeatPasses: false },
  { row: "3", point: "after-send", what: "after sending", repeatPasses: false },
  { row: "3", point: "before-id-commit", what: "before the id is stored", repeatPasses: false },
  {
    row: "3",
    point: "after-id-commit",
    what: "after the id is stored, before the answer",
    repeatPasses: false,
  },
] as const;
type Point = (typeof POINTS)[number];
/** At these, upstream has the job and nobody here knows its id. */
const IN_DOUBT = ["after-send", "before-id-commit"];

/** Later than the verdict of the last send, so the callback comes to a job that is UNCONFIRMED already. */
const LATE = { sim: { runMs: 3_600_000 } };
/** The callback comes while the job is still SENDING. */
const EARLY = { sim: { runMs: 30 } };

let database: TestDatabase;
let upstream: Upstream;
let world: World;

beforeAll(async () => {
  [database, upstream] = await Promise.all([
    testDatabase(),
    startUpstream({ workers: 10_000, limits: "none" }),
  ]);
  world = await startWorld(database.url, upstream);
  await world.start("collector");
}, 300_000);
afterAll(async () => {
  await world?.close();
  await upstream?.close();
  await database?.close();
}, 60_000);

type Kill = { intent: Intent; point: Point; hasPublicUrl: boolean };

/** Submit and be killed, again and again: each process is given the last one's click once more before its own. */
async function killAgainAndAgain(point: Point, runs: number, hasPublicUrl: boolean): Promise<Kill[]> {
  const kills: Kill[] = [];
  let unanswered: Intent | undefined;
  const repeat = async (url: string) => {
    if (unanswered) await submitSurely(url, world.browser, unanswered);
  };
  for (let i = 0; i < runs; i++) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const pass = unanswered && point.repeatPasses ? 2 : 1;
    const web = await world.start("web", {
      PORT: String(port),
      JOBDECK_FAILPOINT: `${point.point}:${pass}`,
      ...(!hasPublicUrl && { JOBDECK_PUBLIC_URL: undefined }),
    });
    await repeat(url);
    const intent = newIntent(world.endpointId, i % 2 === 0 ? EARLY : LATE);
    const answer = await submit(url, world.browser, intent);
    // The fault really happened: no answer, and the process died of it.
    expect(answer, point.point).toMatchObject({ status: null });
    expect(await web.exit).toEqual({ code: null, signal: "SIGKILL" });
    kills.push({ intent, point, hasPublicUrl });
    unanswered = intent;
  }
  await repeat(world.url);
  return kills;
}

const statuses = async (): Promise<Map<string, string>> => {
  const { rows } = await world.client.query<{ client_key: string; status: string }>(
    "select client_key, status from job",
  );
  return new Map(rows.map((row) => [row.client_key, row.status]));
};

it(
  `rows 1-3: kill -9 of web at each step of a submit, ${RUNS} times each`,
  async () => {
    const started = performance.now();
    const without = POINTS.find(({ point }) => point === "after-send")!;
    const kills = (
      await Promise.all([
        ...POINTS.map((point) => killAgainAndAgain(point, RUNS, true)),
        killAgainAndAgain(without, Math.ceil(RUNS / 2), false),
      ])
    ).flat();
    const seconds = Math.round((performance.now() - started) / 1000);

    await until("every send has its verdict", 40_000, async () =>
      [...(await statuses()).values()].every((status) => status !== "SENDING"),
    );
    // In doubt means in doubt: the late callbacks have not come, so these cannot be known yet.
    const inDoubt = kills.filter(
      ({ point, intent }) => IN_DOUBT.includes(point.point) && intent.input.sim === LATE.sim,
    );
    const before = await statuses();
    expect(inDoubt.map(({ intent }) => before.get(intent.clientKey))).toEqual(
      inDoubt.map(() => "UNCONFIRMED"),
    );
    expect(inDoubt.length).toBeGreaterThanOrEqual(RUNS);

    upstream.finishAll();
    const expected = ({ point, hasPublicUrl }: Kill) =>
      point.point === "before-send" || !hasPublicUrl ? "UNCONFIRMED" : "COMPLETED";
    const wrong = async () => {
      const now = await statuses();
      return kills
        .filter((kill) => now.get(kill.intent.clientKey) !== expected(kill))
        .map((kill) => `${kill.point.point}: ${now.get(kill.intent.clientKey)}, not ${expected(kill)}`);
    };
    await until("callbacks and polls end every job", 60_000, async () => (await wrong()).length === 0).catch(
      () => {}, // said below, job by job
    );
    expect(await wrong()).toEqual([]);

    const sent = (kill: Kill) => upstream.jobs().filter(({ marker }) => marker === kill.intent.marker).length;
    for (const point of POINTS) {
      const ofPoint = kills.filter((kill) => kill.point === point);
      expect(ofPoint.map(sent)).toEqual(ofPoint.map(() => (point.point === "before-send" ? 0 : 1)));
    }
    const intents = kills.map((kill) => kill.intent);
    const findings = await world.check(intents);
    for (const point of POINTS) {
      const ofPoint = kills.filter((kill) => kill.point === point);
      // A sentence that speaks of no click in particular (a secret, a stranger) is everybody's.
      const violations = findings.violations.filter(
        (words) =>
          ofPoint.some(({ intent }) => words.includes(intent.marker)) ||
          !intents.some(({ marker }) => words.includes(marker)),
      );
      report({
        row: point.row,
        title: `web killed ${point.what}`,
        runs: ofPoint.length,
        violations,
        slowestVerdictMs: findings.slowestVerdictMs,
      });
    }
    expect(findings.violations).toEqual([]);
    expect(intents.every((intent) => intent.acknowledged)).toBe(true);
    process.stdout.write(`${JSON.stringify({ kills: kills.length, seconds, ...findings })}\n`);
  },
  120_000 + RUNS * 30_000,
);
