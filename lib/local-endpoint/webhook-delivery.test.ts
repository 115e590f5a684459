import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { sweepExecutionTimeouts } from "@/lib/local-endpoint/store-sweep";
import { eventually, type TestEndpoint, type TestQueue, testQueue } from "@/lib/local-endpoint/testing";
import { createWebhookDelivery } from "@/lib/local-endpoint/webhook-delivery";

let queue: TestQueue;
let ep: TestEndpoint;
let receiver: Server;
let received: { path: string; body: string; contentType: string | undefined }[];
let answer: (path: string) => number;
let base: string;

beforeAll(async () => {
  queue = await testQueue();
  ep = await queue.endpoint();
});
afterAll(() => queue.close());
beforeEach(async () => {
  received = [];
  answer = () => 200;
  receiver = createServer(async (req, res) => {
    received.push({ path: req.url ?? "", body: await text(req), contentType: req.headers["content-type"] });
    const status = answer(req.url ?? "");
    if (status === 302) res.setHeader("location", `${base}/elsewhere`);
    res.writeHead(status).end("ok");
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterEach(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

const delivery = () => createWebhookDelivery({ db: () => queue.database.db, vault: () => queue.vault });
/** One round of deliveries, to the end. */
const deliver = async () => {
  const round = delivery();
  await round.run();
  await round.idle();
};
const finished = async (webhook: string, result: unknown = { output: { n: 1.0 } }, input = '{"x":1.0}') => {
  const body = `{"input":${input},"webhook":${JSON.stringify(webhook)},"s3Config":{"accessId":"canary","accessSecret":"canary","bucketName":"b","endpointUrl":"https://s3.example.com"}}`;
  const { id } = (await ep.api("POST", "/run", body)).body as { id: string };
  await ep.worker("GET", "/job-take/w1?x=1");
  await ep.worker("POST", `/job-done/w1/${id}?isStream=false`, result);
  return id;
};
const due = (id: string) =>
  queue.query<{ attempts: number; wait: number | null }>(sql`
    select webhook_attempts as attempts, round(extract(epoch from webhook_next_at - now()))::int as wait
    from local_job where id = ${id}`);
const makeDue = (id: string) =>
  queue.query(sql`update local_job set webhook_next_at = now() where id = ${id}`);

it("posts the status object with input and webhook as they were spelled, and never s3Config", async () => {
  const id = await finished(`${base}/hook`, '{"output":{"n":1.00}}');
  await deliver();
  expect(received).toHaveLength(1);
  expect(received[0]?.contentType).toBe("application/json");
  expect(JSON.parse(received[0]!.body)).toEqual({
    ...{ id, status: "COMPLETED", output: { n: 1 }, input: { x: 1 }, webhook: `${base}/hook` },
    ...{ delayTime: expect.any(Number), executionTime: expect.any(Number) },
  });
  expect(received[0]!.body).toContain('"input":{"x":1.0}');
  expect(received[0]!.body).toContain('"output":{"n":1.00}');
  expect(received[0]!.body).not.toContain("canary");
  await deliver();
  expect(received).toHaveLength(1);
});

it("tells of failures and of timeouts, not of a cancelled job", async () => {
  await finished(`${base}/failed`, { error: "boom" });
  const { id } = (await ep.api("POST", "/run", { input: { a: 1 }, webhook: `${base}/late` })).body as {
    id: string;
  };
  await ep.worker("GET", "/job-take/w1?x=1");
  await queue.query(sql`update local_job set started_at = now() - interval '2 days' where id = ${id}`);
  await sweepExecutionTimeouts(queue.database.db);
  const { body } = await ep.api("POST", "/run", { input: { a: 1 }, webhook: `${base}/cancelled` });
  await ep.api("POST", `/cancel/${(body as { id: string }).id}`);
  await deliver();
  expect(received.map(({ path }) => path).toSorted()).toEqual(["/failed", "/late"]);
  expect(JSON.parse(received.find(({ path }) => path === "/failed")!.body)).toMatchObject({
    status: "FAILED",
    error: "boom",
  });
  expect(JSON.parse(received.find(({ path }) => path === "/late")!.body)).toMatchObject({
    status: "TIMED_OUT",
  });
});

it("tries twice more, 10 s apart, then gives up; the result stays", async () => {
  answer = () => 500;
  const id = await finished(`${base}/down`);
  for (const attempt of [1, 2]) {
    await deliver();
    expect(await due(id)).toEqual([{ attempts: attempt, wait: 10 }]);
    await deliver();
    expect(received).toHaveLength(attempt); // not before its time
    await makeDue(id);
  }
  await deliver();
  expect(received).toHaveLength(3);
  expect(await due(id)).toEqual([{ attempts: 3, wait: null }]);
  expect((await ep.api("GET", `/status/${id}`)).body).toMatchObject({ status: "COMPLETED" });
});

it("takes any 2xx as acknowledged and follows no redirect", async () => {
  answer = (path) => (path === "/moved" ? 302 : 204);
  const moved = await finished(`${base}/moved`);
  const fine = await finished(`${base}/fine`);
  await deliver();
  expect(await due(fine)).toEqual([{ attempts: 1, wait: null }]);
  expect(await due(moved)).toEqual([{ attempts: 1, wait: 10 }]);
  expect(received.map(({ path }) => path)).not.toContain("/elsewhere");
});

it("goes to no private address that the operator did not open", async () => {
  const id = await finished("http://10.0.0.1:9/hook");
  await deliver();
  expect(await due(id)).toEqual([{ attempts: 1, wait: 10 }]);
});

it("delivers once, however many collectors look", async () => {
  for (let n = 0; n < 10; n++) await finished(`${base}/n${n}`);
  await Promise.all([deliver(), deliver(), deliver()]);
  expect(received).toHaveLength(10);
  expect(new Set(received.map(({ path }) => path)).size).toBe(10);
});

it("takes over what another collector claimed and did not finish", async () => {
  const id = await finished(`${base}/orphan`);
  await queue.query(sql`
    update local_job set webhook_attempts = 1, webhook_next_at = now() + interval '30 seconds' where id = ${id}`);
  await deliver();
  expect(received).toHaveLength(0);
  await makeDue(id);
  await deliver();
  expect(await eventually(async () => received.length === 1)).toBe(true);
});
