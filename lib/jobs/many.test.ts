import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { job, jobCounter, jobWatch } from "@/lib/db/tables/jobs";
import { workspace } from "@/lib/db/tables/workspaces";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { draftJob } from "@/lib/jobs/draft";
import { journalOne } from "@/lib/jobs/journal";
import { cancelUnsentOfBatch, journalJobs, nextRev } from "@/lib/jobs/many";
import { openRequest } from "@/lib/jobs/request-seal";
import type { NewJob } from "@/lib/jobs/store";
import {
  makeContext,
  makeEndpoint,
  makeSpec,
  openTestDatabase,
  readEvents,
  readRow,
  readWatch,
} from "@/lib/jobs/testing";
import type { RequestSpec } from "@/lib/requests/schema";

let database: TestDatabase;
let ctx: Context;
let endpoint: EndpointRecord;

beforeAll(async () => {
  database = await openTestDatabase({ JOBDECK_PUBLIC_URL: "https://jobdeck.example" });
  ctx = await makeContext();
  endpoint = await makeEndpoint(ctx);
});
afterAll(() => database.close());

const draft = (over: Partial<RequestSpec> = {}): NewJob =>
  draftJob(ctx, endpoint, { clientKey: randomUUID(), spec: makeSpec(over) });
const journaled = (drafts: readonly NewJob[]) =>
  db().transaction(async (tx) => journalJobs(tx, drafts, await nextRev(tx, ctx.workspace.id)));
const counted = async () => {
  const rows = await db().select().from(jobCounter).where(eq(jobCounter.endpointId, endpoint.id));
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
};

describe("journalJobs", () => {
  it("writes the same rows as a single submit", async () => {
    const settings = {
      executionTimeoutMs: 60_000,
      ttlMs: 120_000,
      lowPriority: true,
      webhook: "https://example.com/done",
      s3: { accessId: "id", accessSecret: "s", bucketName: "b", endpointUrl: "https://s3.example.com" },
    };
    const alone = draft(settings);
    const among = draft(settings);
    await journalOne(alone);
    await journaled([draft(), among, draft()]);
    const one = await readRow(alone.id);
    const many = await readRow(among.id);
    const { id, clientKey, requestSealed, hookTokenHash } = among;
    expect(many).toEqual({
      ...one,
      ...{ id, clientKey, requestSealed, hookTokenHash },
      createdAt: expect.any(Date),
      rev: one.rev + 1,
    });
    expect(openRequest(many).spec).toEqual(openRequest(one).spec);
    expect(await readWatch(many.id)).toEqual({
      ...(await readWatch(one.id)),
      jobId: many.id,
      queuedAt: expect.any(Date),
      nextPollAt: expect.any(Date),
    });
    expect(await readEvents(many.id)).toEqual(await readEvents(one.id));
  });

  it("counts each of them, under one rev of the workspace", async () => {
    const before = (await counted()).SENDING ?? 0;
    const drafts = Array.from({ length: 1203 }, () => draft());
    await journaled(drafts);
    expect((await counted()).SENDING).toBe(before + 1203);
    const [place] = await db().select().from(workspace).where(eq(workspace.id, ctx.workspace.id));
    const [last] = await db()
      .select({ count: sql<number>`count(*)::int` })
      .from(job)
      .where(eq(job.rev, place!.rev));
    expect(last?.count).toBe(1203);
  });

  it("leaves nothing behind when one of the last cannot be written", async () => {
    const before = await counted();
    const drafts = Array.from({ length: 1100 }, () => draft());
    drafts[1099] = { ...drafts[1099]!, clientKey: drafts[0]!.clientKey };
    await expect(journaled(drafts)).rejects.toThrow();
    expect(await counted()).toEqual(before);
    expect(await readWatch(drafts[0]!.id)).toBeUndefined();
  });

  it.each([
    ["half a character", '{"prompt":"a\\ud800z"}', "prompt: a\ufffdz"],
    [
      "a character cut in two",
      JSON.stringify({ prompt: `${"a".repeat(59)}😀` }),
      `prompt: ${"a".repeat(59)}\ufffd…`,
    ],
    ["quotes, backslashes and no control characters", '{"prompt":"\\"\\\\\\u0000\\n"}', 'prompt: "\\ '],
  ])("summaries with %s", async (_name, inputText, summary) => {
    const one = draft({ inputText });
    await journaled([one]);
    const row = await readRow(one.id);
    expect(row.inputSummary).toBe(summary);
    expect(openRequest(row).spec.inputText).toBe(inputText);
  });
});

describe("cancelUnsentOfBatch", () => {
  it("touches no other workspace", async () => {
    const other = await makeContext();
    const one = draft();
    await journaled([one]);
    const batchId = randomUUID();
    await db().execute(sql`insert into batch (id, workspace_id, endpoint_id, client_key, payload_hash, name, total)
      values (${batchId}, ${ctx.workspace.id}, ${endpoint.id}, ${randomUUID()}, '', 'b', 1)`);
    await db().update(job).set({ batchId, batchIndex: 0 }).where(eq(job.id, one.id));
    const cancel = (workspaceId: string) =>
      db().transaction(async (tx) =>
        cancelUnsentOfBatch(tx, workspaceId, batchId, await nextRev(tx, workspaceId)),
      );
    await cancel(other.workspace.id);
    expect((await readRow(one.id)).status).toBe("SENDING");
    await cancel(ctx.workspace.id);
    expect(await readRow(one.id)).toMatchObject({ status: "CANCELLED", finishedAt: expect.any(Date) });
    expect(await db().select().from(jobWatch).where(eq(jobWatch.jobId, one.id))).toEqual([]);
    expect((await readEvents(one.id)).at(-1)).toEqual({
      kind: "status",
      detail: { from: "SENDING", to: "CANCELLED", unsent: true },
    });
  });
});
