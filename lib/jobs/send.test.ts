import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { endpoint as endpointTable } from "@/lib/db/tables/endpoints";
import { jobWatch } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { claimSends, sendJob, sweepStaleSends } from "@/lib/jobs/send";
import { markSend } from "@/lib/jobs/send-groups";
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
import type { RunOutcome } from "@/lib/upstream/client";

let database: TestDatabase;
let ctx: Context;
let endpoint: EndpointRecord;

beforeAll(async () => {
  database = await openTestDatabase({ JOBDECK_PUBLIC_URL: "https://jobdeck.example" });
  ctx = await makeContext();
  endpoint = await makeEndpoint(ctx);
});
afterAll(() => database.close());

const answering = (outcome: RunOutcome) => ({ run: async () => outcome });
const unclear: RunOutcome = {
  kind: "unclear",
  words: "No answer in time.",
  httpStatus: null,
  retryAfterMs: null,
};
const unreachable: RunOutcome = { kind: "unreachable", refusedAddress: false, words: "No connection (X)." };

/** Send one fresh job and look at what is left of it. */
async function sent(outcome: RunOutcome, over: Parameters<typeof makeJob>[2] = {}) {
  const at = await makeEndpoint(ctx);
  const row = await makeJob(ctx, at, { status: "SENDING", ...over });
  await sendJob(row, at, answering(outcome));
  const now = await readRow(row.id);
  const watch = await readWatch(row.id);
  return { now, watch, events: await readEvents(row.id), endpointId: at.id };
}

describe("what an answer to the send does to the job", () => {
  it.each<[name: string, outcome: RunOutcome, status: string, phase: string | undefined, event: string]>([
    ["an id puts it in the queue", { kind: "accepted", upstreamId: "a" }, "IN_QUEUE", "queue", "accepted"],
    [
      "a refusal ends it",
      { kind: "rejected", httpStatus: 400, words: "no prompt" },
      "REJECTED",
      undefined,
      "rejected",
    ],
    ["429 keeps it in line", { kind: "throttled", retryAfterMs: null }, "SENDING", "send", "postponed"],
    ["no connection keeps it in line", unreachable, "SENDING", "send", "postponed"],
    [
      "an address that is not allowed ends it",
      { kind: "unreachable", refusedAddress: true, words: "Private." },
      "REJECTED",
      undefined,
      "rejected",
    ],
    ["no clear answer leaves it in doubt", unclear, "UNCONFIRMED", undefined, "unconfirmed"],
    [
      "a refused key ends it",
      { kind: "unauthorized", httpStatus: 401, words: "bad key" },
      "REJECTED",
      undefined,
      "rejected",
    ],
  ])("%s", async (_name, outcome, status, phase, event) => {
    const { now, watch, events } = await sent(outcome);
    expect(now.status).toBe(status);
    expect(watch?.phase).toBe(phase);
    expect(events.map((one) => one.kind)).toEqual([event]);
  });

  it("the id, the time and no error are kept of an acceptance", async () => {
    const { now } = await sent({ kind: "accepted", upstreamId: "up-7" }, { error: "postponed before" });
    expect(now).toMatchObject({ upstreamId: "up-7", error: null, finishedAt: null });
    expect(now.queuedAt).toEqual(now.sendStartedAt);
  });

  it("the provider's words and code are kept of a refusal", async () => {
    const { now, events } = await sent({ kind: "rejected", httpStatus: 422, words: "no prompt" });
    expect(now.error).toBe("no prompt");
    expect(now.finishedAt).not.toBeNull();
    expect(events[0]?.detail).toMatchObject({ httpStatus: 422, words: "no prompt", to: "REJECTED" });
  });

  it("Retry-After is waited for, and without it the next try is soon", async () => {
    const asked = await sent({ kind: "throttled", retryAfterMs: 30_000 });
    expect(secondsUntil(asked.watch?.nextPollAt)).toBeGreaterThan(15);
    expect(secondsUntil(asked.watch?.nextPollAt)).toBeLessThan(33);
    const soon = await sent({ kind: "throttled", retryAfterMs: null });
    expect(secondsUntil(soon.watch?.nextPollAt)).toBeLessThan(4);
    expect(soon.now).toMatchObject({ sendStartedAt: null, sendNonce: null });
  });

  it("an endpoint that was out of reach for 10 minutes is given up", async () => {
    const { now } = await sent(unreachable, {
      createdAt: new Date(Date.now() - 11 * 60_000),
      sendAttempts: 20,
    });
    expect(now).toMatchObject({ status: "REJECTED", error: "No connection (X)." });
  });

  it("a storm of 429s is one line in the history", async () => {
    const row = await makeJob(ctx, endpoint, { status: "SENDING" });
    for (let i = 0; i < 3; i++)
      await sendJob(row, endpoint, answering({ kind: "throttled", retryAfterMs: 0 }));
    expect((await readEvents(row.id)).map((one) => one.kind)).toEqual(["postponed"]);
    expect((await readRow(row.id)).sendAttempts).toBe(3);
  });

  it("a refused key pauses the endpoint and says why", async () => {
    const { endpointId } = await sent({ kind: "unauthorized", httpStatus: 403, words: "no access" });
    const [at] = await db().select().from(endpointTable).where(eq(endpointTable.id, endpointId));
    expect(at?.pausedAt).not.toBeNull();
    expect(at?.pausedReason).toBe("The provider refused the API key (HTTP 403). no access");
  });
});

describe("sent at most once", () => {
  it("20 senders at once make one request", async () => {
    const row = await makeJob(ctx, endpoint, { status: "SENDING" });
    let requests = 0;
    const client = {
      run: async (): Promise<RunOutcome> => ({ kind: "accepted", upstreamId: `once-${++requests}` }),
    };
    await Promise.all(Array.from({ length: 20 }, () => sendJob(row, endpoint, client)));
    expect(requests).toBe(1);
    expect(await readRow(row.id)).toMatchObject({ status: "IN_QUEUE", upstreamId: "once-1" });
  });

  it("a job in doubt is never sent again by itself", async () => {
    const row = await makeJob(ctx, endpoint, { status: "SENDING" });
    await sendJob(row, endpoint, answering(unclear));
    let requests = 0;
    const client = {
      run: async (): Promise<RunOutcome> => ({ kind: "accepted", upstreamId: `again-${++requests}` }),
    };
    expect(await sendJob(row, endpoint, client)).toBeNull();
    expect((await claimSends(randomUUID(), endpoint.id, 100)).map((claim) => claim.row.id)).not.toContain(
      row.id,
    );
    expect(requests).toBe(0);
  });

  it("an acceptance that comes late heals the doubt", async () => {
    const row = await makeJob(ctx, endpoint, { status: "SENDING" });
    const late = {
      run: async (): Promise<RunOutcome> => {
        await db().execute(
          sql`update job set send_started_at = now() - interval '26 seconds' where id = ${row.id}`,
        );
        await sweepStaleSends();
        expect((await readRow(row.id)).status).toBe("UNCONFIRMED");
        return { kind: "accepted", upstreamId: "late-1" };
      },
    };
    await sendJob(row, endpoint, late);
    expect(await readRow(row.id)).toMatchObject({ status: "IN_QUEUE", upstreamId: "late-1", error: null });
    expect(await readWatch(row.id)).toMatchObject({ phase: "queue" });
  });

  it.each<[name: string, late: RunOutcome]>([
    ["429", { kind: "throttled", retryAfterMs: 0 }],
    ["no connection", unreachable],
    ["no clear answer", unclear],
    ["a refusal", { kind: "rejected", httpStatus: 400, words: "no" }],
  ])(
    "the late word of an earlier sender (%s) does not undo the send that is under way",
    async (_name, late) => {
      const row = await makeJob(ctx, endpoint, { status: "SENDING" });
      const second = randomUUID();
      const overtaken = {
        run: async (): Promise<RunOutcome> => {
          // A person had it sent again in the meantime.
          await db().execute(
            sql`update job set send_started_at = null, send_nonce = null where id = ${row.id}`,
          );
          await markSend({ ...row, nonce: second });
          return late;
        },
      };
      await sendJob(row, endpoint, overtaken);
      expect(await readRow(row.id)).toMatchObject({ status: "SENDING", sendNonce: second });
      expect(await markSend({ ...row, nonce: randomUUID() })).toBe(false);
    },
  );

  it("a webhook that was faster than the doubt keeps the job under watch", async () => {
    const { now, watch } = await sent(unclear, { watch: { hintUpstreamId: "hinted" } });
    expect(now.status).toBe("UNCONFIRMED");
    expect(watch).toMatchObject({ phase: "heal", hintUpstreamId: "hinted" });
  });
});

describe("a sender that died", () => {
  const stale = { sendStartedAt: new Date(Date.now() - 60_000), sendNonce: randomUUID() };

  it("leaves a job that is in doubt within 30 s of the mark, once", async () => {
    const row = await makeJob(ctx, endpoint, { status: "SENDING", ...stale });
    await Promise.all([sweepStaleSends(), sweepStaleSends(), sweepStaleSends()]);
    expect((await readRow(row.id)).status).toBe("UNCONFIRMED");
    expect((await readEvents(row.id)).map((one) => one.kind)).toEqual(["unconfirmed"]);
    expect(await readWatch(row.id)).toBeUndefined();
  });

  it.each([
    ["a send that is still under way", { sendStartedAt: new Date(), sendNonce: randomUUID() }],
    ["a job that nobody marked", {}],
  ])("is not thought of %s", async (_name, mark) => {
    const row = await makeJob(ctx, endpoint, { status: "SENDING", ...mark });
    await sweepStaleSends();
    expect((await readRow(row.id)).status).toBe("SENDING");
  });

  it("before the mark left a job that the collector sends", async () => {
    const at = await makeEndpoint(ctx);
    const unmarked = await makeJob(ctx, at, { status: "SENDING" });
    await makeJob(ctx, at, { status: "SENDING", ...stale });
    await makeJob(ctx, at, {
      status: "SENDING",
      watch: { nextPollAt: new Date(Date.now() + 4000) },
    });
    const claims = await claimSends(randomUUID(), at.id, 100);
    expect(claims.map((claim) => claim.row.id)).toEqual([unmarked.id]);
  });

  it("two collectors never claim one job at once", async () => {
    const at = await makeEndpoint(ctx);
    await Promise.all(Array.from({ length: 30 }, () => makeJob(ctx, at, { status: "SENDING" })));
    const claims = await Promise.all(Array.from({ length: 6 }, () => claimSends(randomUUID(), at.id, 10)));
    const ids = claims.flat().map((claim) => claim.row.id);
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
  });
});

describe("the body", () => {
  it("goes out as composed, with our receiver as its webhook, and the token is only in the envelope", async () => {
    const hookToken = "t".repeat(43);
    const row = await makeJob(ctx, endpoint, {
      status: "SENDING",
      hookToken,
      spec: {
        inputText: '{ "seed": 1.0, "big": 12345678901234567890 }',
        webhook: "https://mine.example/hook",
        s3: {
          accessId: "AKIAPLANTED",
          accessSecret: "planted-s3-secret",
          bucketName: "b",
          endpointUrl: "https://s3.example",
        },
      },
    });
    const bodies: string[] = [];
    await sendJob(row, endpoint, {
      run: async (body) => {
        bodies.push(body);
        return { kind: "accepted", upstreamId: `body-${row.id}` };
      },
    });
    expect(bodies).toEqual([
      `{"input":{ "seed": 1.0, "big": 12345678901234567890 },"webhook":"https://jobdeck.example/hooks/${hookToken}",` +
        `"s3Config":{"accessId":"AKIAPLANTED","accessSecret":"planted-s3-secret","bucketName":"b","endpointUrl":"https://s3.example"}}`,
    ]);
    const tables = await db().execute<{ row: string }>(sql`
      select j::text as row from job j where id = ${row.id}
      union all select w::text from ${jobWatch} w where job_id = ${row.id}
      union all select e::text from job_event e where job_id = ${row.id}
      union all select e::text from endpoint e where id = ${endpoint.id}`);
    const kept = tables.rows.map((one) => one.row).join("\n");
    expect(kept).toContain(row.id);
    for (const secret of [hookToken, "planted-s3-secret", "AKIAPLANTED", "rpa_key-for-tests", "mine.example"])
      expect(kept).not.toContain(secret);
  });
});
