import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { IS_LONG, report } from "@/faults/report";
import { freePort } from "@/faults/role";
import { until } from "@/faults/until";
import { type Stand, spoiled, startStand } from "@/faults/upstream-stand";
import { readJob } from "@/lib/jobs/reads";
import { readRow } from "@/lib/jobs/testing";
import { newToken } from "@/lib/kernel/ids";
import { hooksApp } from "@/lib/webhooks/http";

const FLOOD = IS_LONG ? 5_000 : 300;
const LIVE = { sim: { runMs: 3_600_000 } };

let stand: Stand;
let url: string;
let server: ReturnType<typeof serve>;
beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  stand = await startStand({ JOBDECK_PUBLIC_URL: url });
  const app = new Hono().route("/hooks", hooksApp());
  await new Promise<void>((resolve) => {
    server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => resolve());
  });
}, 120_000);
afterAll(async () => {
  await stand?.close();
  await new Promise((resolve) => server.close(resolve));
}, 60_000);

const post = async (hook: string, body: unknown): Promise<number> => {
  const answer = await fetch(hook, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  await answer.body?.cancel();
  return answer.status;
};
const lie = (id: string, status = "COMPLETED") => ({
  id,
  status,
  output: { forged: true },
  executionTime: 1,
});

it("row 14: a call with a job's own token that lies, repeats itself or is no JSON changes no state", async () => {
  const at = await stand.provider();
  const [mine, other] = await stand.submit(at, [LIVE, LIVE]);
  await stand.untilAll(at, "IN_PROGRESS", 60_000);
  const [job, second] = [mine!, other!].map(
    ({ marker }) => at.upstream.jobs().find((one) => one.marker === marker)!,
  );
  const lies = [
    lie(job!.id),
    lie(job!.id, "FAILED"),
    lie(job!.id, "CANCELLED"),
    lie(second!.id),
    lie("no-such-id"),
    lie(job!.id, "__proto__"),
    "not json",
    "{",
    "[]",
    "",
  ];
  const asked = at.upstream.counters().operations.status.requests;
  const startedAt = performance.now();
  const answers: number[] = [];
  for (const body of lies) answers.push(await post(job!.webhook!, body));
  for (let i = 0; i < FLOOD; i += 50)
    answers.push(...(await Promise.all(Array.from({ length: 50 }, () => post(job!.webhook!, lies[0])))));
  await sleep(1_000);
  const seconds = (performance.now() - startedAt) / 1000;
  const looks = at.upstream.counters().operations.status.requests - asked;
  const row = await readRow(mine!.acknowledged!);
  const receipts = (await readJob(stand.ctx, row.id)).webhook.receipts.length;
  at.upstream.finishAll();
  await stand.untilAll(at, "COMPLETED", 60_000);
  // Replayed after the end, and with another verdict.
  answers.push(await post(job!.webhook!, lie(job!.id, "FAILED")));
  await sleep(500);
  const findings = await stand.check();
  report({ row: "14", title: "lies and a flood with a valid token", runs: answers.length, ...findings });
  expect(answers.every((status) => status === 200)).toBe(true);
  expect(row).toMatchObject({ status: "IN_PROGRESS", outputState: "none", upstreamId: job!.id });
  expect(receipts).toBeLessThanOrEqual(20);
  // Both running jobs are looked at by themselves too, up to some seven times a second.
  expect(looks).toBeLessThan(40 + 20 * seconds);
  expect(await stand.states(at)).toEqual({ COMPLETED: 2 });
  expect(findings.violations).toEqual([]);
}, 180_000);

it("row 14: callbacks that come before the answer, several times and out of order end each job once", async () => {
  const jobs = Array.from({ length: IS_LONG ? 100 : 8 }, () => ({ sim: { runMs: 5 } }));
  const early = await stand.provider({ webhooks: { ...WEBHOOKS_ON, beforeRunAnswers: true } });
  const repeated = await stand.provider({ webhooks: { ...WEBHOOKS_ON, times: 3, reorderMs: 800 } });
  await Promise.all([stand.submit(early, jobs), stand.submit(repeated, jobs)]);
  await stand.untilAll(early, "COMPLETED", 60_000);
  await stand.untilAll(repeated, "COMPLETED", 60_000);
  const runs = () => [early, repeated].map(({ upstream }) => upstream.counters().webhooks.delivered);
  await until(
    "the callbacks came",
    30_000,
    async () => runs()[0]! >= jobs.length && runs()[1]! >= 2 * jobs.length,
  );
  const findings = await stand.check();
  report({
    row: "14",
    title: "early, repeated and reordered callbacks",
    runs: runs()[0]! + runs()[1]!,
    ...findings,
  });
  expect(findings.violations).toEqual([]);
}, 120_000);

it("row 14: a job in doubt is healed by its own id only, whatever ids a call names", async () => {
  const at = await stand.provider({
    faults: [{ operation: "run", index: 1, fault: { kind: "reset", when: "after-body" } }],
  });
  await stand.submit(at, [LIVE]);
  const [doubtful] = await stand.submit(at, [LIVE]);
  const [known, lost] = at.upstream.jobs();
  const id = doubtful!.acknowledged!;
  expect((await readRow(id)).status).toBe("UNCONFIRMED");
  await post(lost!.webhook!, lie("no-such-id"));
  await sleep(700);
  await post(lost!.webhook!, lie(known!.id));
  await sleep(700);
  const doubted = await readRow(id);
  await post(lost!.webhook!, lie(lost!.id));
  await until("it is healed", 30_000, async () => (await readRow(id)).status === "IN_PROGRESS");
  at.upstream.finishAll();
  await stand.untilAll(at, "COMPLETED", 60_000);
  const findings = await stand.check();
  report({ row: "14", title: "hints that name other jobs", runs: spoiled(at, "run") + 2, ...findings });
  expect(doubted).toMatchObject({ status: "UNCONFIRMED", upstreamId: null });
  expect(findings.violations).toEqual([]);
}, 120_000);

it("row 14: strangers who guess tokens are refused, and real calls get through meanwhile", async () => {
  const at = await stand.provider({ webhooks: WEBHOOKS_ON });
  const [intent] = await stand.submit(at, [LIVE]);
  await stand.untilAll(at, "IN_PROGRESS", 60_000);
  const guesses: Promise<number>[] = [];
  for (let i = 0; i < FLOOD; i++) guesses.push(post(`${url}/hooks/${newToken()}`, lie("x")));
  at.upstream.finishAll();
  const answers = await Promise.all(guesses);
  await stand.untilAll(at, "COMPLETED", 60_000);
  const findings = await stand.check();
  report({ row: "14", title: "guessed tokens", runs: answers.length, ...findings });
  expect(new Set(answers)).toEqual(new Set([404]));
  await until(
    "the real call came through",
    30_000,
    async () => at.upstream.counters().webhooks.delivered === 1,
  );
  expect((await readJob(stand.ctx, intent!.acknowledged!)).webhook.receipts).toHaveLength(1);
  expect(findings.violations).toEqual([]);
}, 120_000);
