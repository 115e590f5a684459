import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { webhookDelivery } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { writeOutput } from "@/lib/jobs/output-store";
import { makeContext, makeEndpoint, makeJob, openTestDatabase, secondsUntil } from "@/lib/jobs/testing";
import { type ScriptedServer, says, scriptedServer } from "@/lib/upstream/testing";
import { deliverDueWebhooks } from "@/lib/webhooks/relay";

let database: TestDatabase;
let receiver: ScriptedServer;
let ctx: Context;
let endpoint: EndpointRecord;

beforeAll(async () => {
  receiver = await scriptedServer();
  database = await openTestDatabase();
  ctx = await makeContext();
  endpoint = await makeEndpoint(ctx);
});
beforeEach(() => {
  receiver.heard.length = 0;
  receiver.script(says(200, "ok"));
});
afterAll(async () => {
  await database.close();
  await receiver.close();
});

async function due(over: Parameters<typeof makeJob>[2] = {}, path = "/hook?token=planted") {
  const row = await makeJob(ctx, endpoint, {
    status: "COMPLETED",
    relayWebhook: true,
    ...over,
    spec: { webhook: `${receiver.origin}${path}`, ...over.spec },
  });
  await db().insert(webhookDelivery).values({ jobId: row.id, workspaceId: row.workspaceId });
  return row;
}
const deliveryOf = async (jobId: string) => {
  const [row] = await db().select().from(webhookDelivery).where(eq(webhookDelivery.jobId, jobId));
  return row!;
};
const passSeconds = (jobId: string, seconds: number) =>
  db().execute(sql`
    update webhook_delivery set next_attempt_at = next_attempt_at - ${seconds} * interval '1 second'
    where job_id = ${jobId}`);

describe("the person's own webhook", () => {
  it("is called once with what the provider would have said, spelled as it was", async () => {
    const row = await due({
      delayMs: 12,
      executionMs: 34,
      spec: { inputText: ' {"n":1.0} ' },
    });
    const output = Buffer.from('{"b":1e3,"a":12345678901234567890}');
    await db().transaction((tx) => writeOutput(tx, row, { bytes: output.length, chunks: [output] }));
    await deliverDueWebhooks();
    await deliverDueWebhooks();
    expect(receiver.heard).toHaveLength(1);
    expect(receiver.heard[0]).toMatchObject({
      method: "POST",
      path: "/hook?token=planted",
      headers: { "content-type": "application/json", "user-agent": "Jobdeck" },
      body:
        `{"delayTime":12,"executionTime":34,"id":"${row.upstreamId}","input":{"n":1.0},` +
        `"output":{"b":1e3,"a":12345678901234567890},"status":"COMPLETED",` +
        `"webhook":"${receiver.origin}/hook?token=planted"}`,
    });
    const delivery = await deliveryOf(row.id);
    expect(delivery).toMatchObject({ attempts: 1, lastStatus: 200, lastError: null, gaveUpAt: null });
    expect(delivery.deliveredAt).not.toBeNull();
  });

  it("brings the error of a failed job and no secret of its request", async () => {
    await due({
      status: "FAILED",
      error: 'boom "quoted"',
      spec: {
        s3: {
          accessId: "AKIA",
          accessSecret: "planted-s3",
          bucketName: "b",
          endpointUrl: "https://s3.example",
        },
      },
    });
    await deliverDueWebhooks();
    expect(JSON.parse(receiver.heard[0]!.body)).toMatchObject({ status: "FAILED", error: 'boom "quoted"' });
    expect(receiver.heard[0]!.body).not.toContain("planted-s3");
  });

  it("is called twice more, 10 s apart, and then given up", async () => {
    receiver.script(says(500, "no"));
    const row = await due();
    for (let attempt = 1; attempt <= 3; attempt++) {
      await deliverDueWebhooks();
      await deliverDueWebhooks();
      expect(receiver.heard).toHaveLength(attempt);
      const delivery = await deliveryOf(row.id);
      expect(delivery).toMatchObject({ attempts: attempt, lastStatus: 500, deliveredAt: null });
      expect(secondsUntil(delivery.nextAttemptAt)).toBeGreaterThan(2);
      expect(secondsUntil(delivery.nextAttemptAt)).toBeLessThanOrEqual(10);
      expect(delivery.gaveUpAt !== null).toBe(attempt === 3);
      await passSeconds(row.id, 11);
    }
    await deliverDueWebhooks();
    expect(receiver.heard).toHaveLength(3);
  });

  it("that takes it at the second try is not called a third time", async () => {
    receiver.script(says(503, ""));
    const row = await due();
    await deliverDueWebhooks();
    receiver.script(says(204, ""));
    await passSeconds(row.id, 11);
    await deliverDueWebhooks();
    expect(await deliveryOf(row.id)).toMatchObject({ attempts: 2, lastStatus: 204, gaveUpAt: null });
    await passSeconds(row.id, 11);
    await deliverDueWebhooks();
    expect(receiver.heard).toHaveLength(2);
  });

  it("that redirects is not followed", async () => {
    const elsewhere = await scriptedServer(says(200, ""));
    receiver.script(says(307, "", { location: elsewhere.origin }));
    const row = await due();
    await deliverDueWebhooks();
    expect(elsewhere.heard).toEqual([]);
    expect(await deliveryOf(row.id)).toMatchObject({ lastStatus: 307, deliveredAt: null });
    await elsewhere.close();
  });

  it.each([
    ["private", "https://10.0.0.1/hook"],
    ["of the metadata service", "http://169.254.169.254/latest"],
    ["public over plain http", "http://93.184.216.34/hook"],
  ])("at an address that is %s is not called, and the page says why", async (_name, webhook) => {
    const row = await due({ spec: { webhook } });
    await deliverDueWebhooks();
    expect(await deliveryOf(row.id)).toMatchObject({
      lastStatus: null,
      lastError: expect.stringMatching(/inside a private network/),
    });
  });

  it("that breaks is told in words without its address", async () => {
    receiver.script((_request, response) => response.socket?.resetAndDestroy());
    const row = await due();
    await deliverDueWebhooks();
    const { lastError } = await deliveryOf(row.id);
    expect(lastError).toMatch(/closed the connection/);
    expect(lastError).not.toContain("planted");
  });

  it("is called once by collectors that race, and again when one died in the middle", async () => {
    const rows = await Promise.all(Array.from({ length: 10 }, () => due()));
    await Promise.all(Array.from({ length: 6 }, () => deliverDueWebhooks()));
    expect(receiver.heard).toHaveLength(10);
    const dead = rows[0]!;
    await db()
      .update(webhookDelivery)
      .set({ deliveredAt: null, leaseUntil: new Date(Date.now() + 20_000) })
      .where(eq(webhookDelivery.jobId, dead.id));
    await deliverDueWebhooks();
    expect(receiver.heard).toHaveLength(10);
    await db()
      .update(webhookDelivery)
      .set({ leaseUntil: new Date(Date.now() - 1000) })
      .where(eq(webhookDelivery.jobId, dead.id));
    await deliverDueWebhooks();
    expect(receiver.heard).toHaveLength(11);
  });
});
