import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { job, jobWatch } from "@/lib/db/tables/jobs";
import { workspace } from "@/lib/db/tables/workspaces";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { observe } from "@/lib/jobs/lifecycle";
import { sendJob } from "@/lib/jobs/send";
import { markSend, recordAcceptance, takeTurn } from "@/lib/jobs/send-groups";
import { bumpRev, stateOf, writeState } from "@/lib/jobs/store";
import {
  makeContext,
  makeEndpoint,
  makeJob,
  openTestDatabase,
  readEvents,
  readRow,
  readWatch,
  secondsUntil,
} from "@/lib/jobs/testing";

let database: TestDatabase;
let ctx: Context;
let endpoint: EndpointRecord;

beforeAll(async () => {
  database = await openTestDatabase();
  ctx = await makeContext();
  endpoint = await makeEndpoint(ctx);
});
afterAll(() => database.close());

const unsent = (over: Parameters<typeof makeJob>[2] = {}) =>
  makeJob(ctx, endpoint, { status: "SENDING", ...over });
const marked = async (over: Parameters<typeof makeJob>[2] = {}) => {
  const row = await unsent(over);
  const nonce = randomUUID();
  expect(await markSend({ ...row, nonce })).toBe(true);
  return { ...row, nonce };
};
const revNow = async () => {
  const [place] = await db().select().from(workspace).where(eq(workspace.id, ctx.workspace.id));
  return place!.rev;
};

it("sends a hundred jobs at once, each of them once, each with its own id", async () => {
  const rows = await Promise.all(Array.from({ length: 100 }, () => unsent()));
  const requests: string[] = [];
  const client = {
    run: async (body: string) => {
      requests.push(body);
      return { kind: "accepted" as const, upstreamId: `up-${requests.length}` };
    },
  };
  const before = await revNow();
  await Promise.all(rows.flatMap((row) => [sendJob(row, endpoint, client), sendJob(row, endpoint, client)]));
  expect(requests).toHaveLength(100);
  const now = await Promise.all(rows.map((row) => readRow(row.id)));
  expect(now.every(({ status }) => status === "IN_QUEUE")).toBe(true);
  expect(new Set(now.map(({ upstreamId }) => upstreamId)).size).toBe(100);
  // In groups: not one transaction per job.
  expect((await revNow()) - before).toBeLessThan(60);
});

it("writes what an observation would have written", async () => {
  const [grouped, alone] = [await marked({ error: "postponed" }), await marked({ error: "postponed" })];
  expect(await recordAcceptance(ctx.workspace.id, { ...grouped, upstreamId: "up-grouped" })).toBe(true);
  await db().transaction(async (tx) => {
    const rev = await bumpRev(tx, ctx.workspace.id);
    const now = await readRow(alone.id);
    const seen = { at: now.sendStartedAt!, upstreamId: "up-alone", status: "IN_QUEUE" };
    const next = { ...observe(stateOf(now), seen), error: null };
    await writeState(tx, now, next, rev, { event: "accepted" });
  });
  const [a, b] = [await readRow(grouped.id), await readRow(alone.id)];
  const { id, clientKey, requestSealed, hookTokenHash, upstreamId, createdAt, sendNonce, rev } = a;
  expect({
    ...b,
    id,
    clientKey,
    requestSealed,
    hookTokenHash,
    upstreamId,
    createdAt,
    sendNonce,
    rev,
  }).toEqual({
    ...a,
    sendStartedAt: b.sendStartedAt,
    queuedAt: b.sendStartedAt,
    observedAt: b.sendStartedAt,
  });
  expect(a.queuedAt).toEqual(a.sendStartedAt);
  expect(await readEvents(a.id)).toEqual(await readEvents(b.id));
  const [watch, other] = [await readWatch(a.id), await readWatch(b.id)];
  expect(watch).toEqual({
    ...other,
    jobId: a.id,
    queuedAt: expect.any(Date),
    nextPollAt: expect.any(Date),
  });
  // Left alone by the trickle for a while: the head of the queue is looked at whenever it is due.
  expect(secondsUntil(watch?.nextPollAt)).toBeGreaterThan(5);
  expect(secondsUntil(watch?.nextPollAt)).toBeLessThanOrEqual(30);
});

it("looks at once at a job whose webhook was faster", async () => {
  const row = await marked({ watch: { hintUpstreamId: "up-early" } });
  await recordAcceptance(ctx.workspace.id, { ...row, upstreamId: "up-early" });
  expect(await readWatch(row.id)).toMatchObject({
    phase: "queue",
    hintUpstreamId: null,
    nextPollAt: new Date(0),
  });
});

it.each([
  ["another sender has marked it since", { sendNonce: randomUUID() }],
  ["it is in doubt already", { status: "UNCONFIRMED" }],
  ["it has an id already", { upstreamId: "up-before" }],
])("leaves a job alone when %s", async (_name, since) => {
  const row = await marked();
  await db().update(job).set(since).where(eq(job.id, row.id));
  const before = await readRow(row.id);
  expect(await recordAcceptance(ctx.workspace.id, { ...row, upstreamId: `late-${row.id}` })).toBe(false);
  expect(await readRow(row.id)).toEqual(before);
});

it("keeps one job's trouble from its neighbours: an id that is taken is refused to its own job only", async () => {
  const first = await marked();
  await recordAcceptance(ctx.workspace.id, { ...first, upstreamId: "up-taken" });
  const rows = await Promise.all([marked(), marked(), marked()]);
  const answers = await Promise.allSettled(
    rows.map((row, i) =>
      recordAcceptance(ctx.workspace.id, { ...row, upstreamId: i === 1 ? "up-taken" : `free-${row.id}` }),
    ),
  );
  expect(answers.map((answer) => answer.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((await readRow(rows[1].id)).status).toBe("SENDING");
});

it("starts watching a job whose watch row is gone", async () => {
  const row = await marked();
  await db().delete(jobWatch).where(eq(jobWatch.jobId, row.id));
  await recordAcceptance(ctx.workspace.id, { ...row, upstreamId: `up-${row.id}` });
  expect(await readWatch(row.id)).toMatchObject({ phase: "queue" });
});

it("grants no more turns than the budget holds, however many ask at once", async () => {
  const key = { credentialFingerprint: randomUUID(), upstreamId: "ep1", operation: "run" as const };
  const turns = await Promise.all(Array.from({ length: 200 }, () => takeTurn(key)));
  expect(turns.filter(Boolean).length).toBeGreaterThanOrEqual(50);
  expect(turns.filter(Boolean).length).toBeLessThan(200);
});
