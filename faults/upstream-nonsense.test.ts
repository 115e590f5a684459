import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fault } from "@/bench/upstream/faults";
import { isEchoOf } from "@/faults/invariants";
import { IS_LONG, report } from "@/faults/report";
import { until } from "@/faults/until";
import { type Provider, type Stand, spoiled, startStand } from "@/faults/upstream-stand";
import { pool } from "@/lib/db/client";
import { readHealth } from "@/lib/endpoints/service";
import { findOutput, outputChunks, readJob, readJobPage } from "@/lib/jobs/reads";
import { cancelJob } from "@/lib/jobs/service";

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 120_000);
afterAll(() => stand?.close(), 60_000);

const LONG = { sim: { runMs: 3_600_000 } };
const kinds = (at: Provider) =>
  pool()
    .query<{ kind: string }>(
      "select kind from job_event e join job j on j.id = e.job_id where j.endpoint_id = $1 order by e.id",
      [at.endpoint.id],
    )
    .then(({ rows }) => rows.map(({ kind }) => kind));

const says = (body: string): Fault => ({ kind: "body", body });
const NONSENSE: [name: string, fault: Fault][] = [
  ["no JSON", { kind: "garbage" }],
  ["a web page with 200", { kind: "html", status: 200 }],
  ["{}", { kind: "empty-object" }],
  ["nothing", says("")],
  ["null", says("null")],
  ["a list", says("[]")],
  ["a number", says("7")],
  ["half an object", says('{"id":"a","status":"COMP')],
  ["no id", { kind: "fields", fields: { id: undefined } }],
  ["an id that is a list", { kind: "fields", fields: { id: ["a"] } }],
  ["a status that is a number", { kind: "fields", fields: { status: 200 } }],
  ["a status that is null", { kind: "fields", fields: { status: null } }],
  ["a status of 10 kB", { kind: "fields", fields: { status: "X".repeat(10_000) } }],
];

it("row 9: answers that cannot be read change no job, are said once, and hold up nobody else", async () => {
  const providers = await Promise.all(
    NONSENSE.map(async ([, fault]) => {
      const at = await stand.provider();
      const [odd] = await stand.submit(at, [LONG]);
      await stand.untilAll(at, "IN_PROGRESS", 60_000);
      at.upstream.setFaults([{ operation: "status", fault }]);
      return { at, odd: odd! };
    }),
  );
  for (const { at } of providers)
    await until("it was said in the timeline", 60_000, async () => (await kinds(at)).includes("unreadable"));
  const states = await Promise.all(providers.map(({ at }) => stand.states(at)));
  const said = [];
  for (const { at } of providers) said.push((await kinds(at)).filter((kind) => kind === "unreadable").length);
  const pace = providers.map(({ at }) => spoiled(at, "status"));
  for (const { at } of providers) {
    at.upstream.setFaults([]);
    at.upstream.finishAll();
  }
  // Not to wait for the pauses that have grown meanwhile.
  await pool().query("update job_watch set next_poll_at = now()");
  for (const { at } of providers) await stand.untilAll(at, "COMPLETED", 60_000);
  const findings = await stand.check();
  const runs = pace.reduce((sum, count) => sum + count, 0);
  report({
    row: "9",
    title: `/status answered with ${NONSENSE.length} kinds of nonsense`,
    runs,
    ...findings,
  });
  for (const found of states) expect(found).toEqual({ IN_PROGRESS: 1 });
  for (const count of pace) expect(count).toBeGreaterThanOrEqual(3);
  expect(said).toEqual(NONSENSE.map(() => 1));
  expect(findings.violations).toEqual([]);
}, 120_000);

it("row 9: nonsense to a send, a cancel and a look at the health is an answer in words", async () => {
  const at = await stand.provider();
  const [live] = await stand.submit(at, [LONG]);
  await stand.untilAll(at, "IN_PROGRESS", 60_000);
  const { operations } = at.upstream.counters();
  let runs = 0;
  for (const [, fault] of NONSENSE.slice(0, 8)) {
    at.upstream.setFaults([
      { operation: "cancel", fault, executed: false },
      { operation: "health", fault },
    ]);
    await expect(readHealth(stand.ctx, at.endpoint.id)).rejects.toMatchObject({ code: "upstream" });
    // An answer of any kind to a cancel is "heard": what became of it is for /status to say.
    await cancelJob(stand.ctx, { id: live!.acknowledged! }).catch((error: { code?: string }) =>
      expect(["upstream", "conflict", "too_many"]).toContain(error.code),
    );
    runs++;
  }
  at.upstream.setFaults([{ operation: "run", fault: { kind: "fields", fields: { id: { a: 1 } } } }]);
  await stand.submit(at, [LONG]);
  expect((await stand.states(at)).UNCONFIRMED).toBe(1);
  at.upstream.setFaults([]);
  at.upstream.finishAll();
  await until("the live one ends", 60_000, async () => (await stand.states(at)).IN_PROGRESS === undefined);
  const after = at.upstream.counters().operations;
  expect(after.cancel.faulted + after.health.faulted - operations.cancel.faulted).toBeGreaterThanOrEqual(
    runs,
  );
  const findings = await stand.check();
  report({
    row: "9",
    title: "nonsense to /run, /cancel and /health",
    runs: after.cancel.faulted,
    ...findings,
  });
  // A job that was asked to be cancelled may end in the word of the nonsense's cancel: never in two.
  expect(findings.violations.filter((words) => !words.startsWith("I2"))).toEqual([]);
}, 120_000);

it("row 11: names of prototypes in input, output and query are data like any other", async () => {
  const hostile = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":"x","hasOwnProperty":1,"sim":{"runMs":1}}',
  ) as Record<string, unknown>;
  const at = await stand.provider();
  const made = await stand.submit(
    at,
    Array.from({ length: IS_LONG ? 50 : 3 }, () => hostile),
  );
  await stand.untilAll(at, "COMPLETED", 60_000);
  for (const intent of made) {
    const id = intent.acknowledged!;
    const detail = await readJob(stand.ctx, id);
    for (const text of [detail.request, detail.output ?? ""])
      for (const name of ["__proto__", "constructor", "hasOwnProperty"]) expect(text).toContain(`"${name}"`);
    const output = await findOutput(stand.ctx, id);
    let kept = "";
    for await (const part of outputChunks(stand.ctx, output)) kept += part.toString();
    expect(JSON.parse(kept)).toMatchObject({ echo: { toString: "x" } });
  }
  const received = at.upstream.jobs().map(({ input }) => JSON.stringify(input));
  expect(received.every((text) => text.includes('"__proto__":{"polluted":1}'))).toBe(true);
  for (const word of ["__proto__", "constructor", "toString"])
    expect((await readJobPage(stand.ctx, { state: [word] }, { limit: 5 })).jobs).toEqual([]);
  at.upstream.setFaults([
    {
      operation: "status",
      fault: {
        kind: "body",
        body: '{"id":"x","status":"__proto__","__proto__":{"status":"COMPLETED"},"constructor":1,"delayTime":5}',
      },
    },
  ]);
  await stand.submit(at, [LONG]);
  await until("the word is shown as it is", 30_000, async () =>
    Object.keys(await stand.states(at)).includes("__proto__"),
  );
  const [word] = (await readJobPage(stand.ctx, { endpoint: at.endpoint.id }, { limit: 1 })).jobs;
  expect(word?.status).toBe("__proto__");
  at.upstream.setFaults([]);
  at.upstream.finishAll();
  await stand.untilAll(at, "COMPLETED", 60_000);
  const findings = await stand.check();
  const runs = made.length + spoiled(at, "status");
  report({ row: "11", title: "prototype names in input, output, status and query", runs, ...findings });
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.prototype).not.toHaveProperty("polluted");
  expect(findings.violations).toEqual([]);
}, 120_000);

it("row 12: a status that flaps, goes backwards or is unknown never goes back, and stays under watch", async () => {
  const at = await stand.provider();
  const [intent] = await stand.submit(at, [LONG]);
  const id = intent!.acknowledged!;
  await stand.untilAll(at, "IN_PROGRESS", 60_000);
  let runs = 0;
  const told: string[] = [];
  const tell = async (status: string, more: object = {}) => {
    const before = spoiled(at, "status");
    at.upstream.setFaults([{ operation: "status", fault: { kind: "fields", fields: { status, ...more } } }]);
    await until(`it was told ${status}`, 30_000, async () => spoiled(at, "status") >= before + 2);
    await sleep(200);
    runs += spoiled(at, "status") - before;
    told.push((await readJob(stand.ctx, id)).status);
  };
  const flaps = IS_LONG ? 20 : 1;
  for (let i = 0; i < flaps; i++) {
    await tell("IN_QUEUE");
    await tell("IN_PROGRESS");
  }
  await tell("WARMING_UP");
  await tell("IN_QUEUE");
  // A new attempt is the one way back into the queue.
  await tell("IN_QUEUE", { retries: 1 });
  at.upstream.setFaults([]);
  at.upstream.finishAll();
  await stand.untilAll(at, "COMPLETED", 60_000);
  at.upstream.setFaults([{ operation: "status", fault: { kind: "fields", fields: { status: "FAILED" } } }]);
  await sleep(1_000);
  const findings = await stand.check();
  report({ row: "12", title: "flapping, backward and unknown states", runs, ...findings });
  expect(told).toEqual([
    ...Array.from({ length: 2 * flaps }, () => "IN_PROGRESS"),
    "WARMING_UP",
    "WARMING_UP",
    "IN_QUEUE",
  ]);
  expect(await stand.states(at)).toEqual({ COMPLETED: 1 });
  expect(isEchoOf(JSON.parse((await readJob(stand.ctx, id)).output ?? "null"), intent!)).toBe(true);
  expect(findings.violations).toEqual([]);
}, 180_000);
