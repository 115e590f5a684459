import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRateLimit } from "@/lib/local-endpoint/rate-limit";
import { sweepExpired } from "@/lib/local-endpoint/store-sweep";
import { type TestEndpoint, type TestQueue, testQueue } from "@/lib/local-endpoint/testing";

let queue: TestQueue;
let ep: TestEndpoint;
beforeAll(async () => {
  queue = await testQueue();
  ep = await queue.endpoint();
});
afterAll(() => queue.close());

const submit = async (body: unknown = { input: { n: 1 } }, to = ep): Promise<string> => {
  const answer = await to.api("POST", "/run", body);
  expect(answer).toMatchObject({ status: 200, body: { status: "IN_QUEUE" } });
  return (answer.body as { id: string }).id;
};
const take = async (worker = "w1", from = ep) =>
  (await from.worker("GET", `/job-take/${worker}?gpu=x&job_in_progress=0`)).body as { id: string };
const done = (id: string, body: unknown, worker = "w1", from = ep) =>
  from.worker("POST", `/job-done/${worker}/${id}?gpu=x&isStream=false`, body);
const status = async (id: string, from = ep) => (await from.api("GET", `/status/${id}`)).body;

describe("keys", () => {
  it.each([
    ["no key", undefined, 401],
    ["an unknown key", "Bearer nope", 401],
    ["the worker key", () => ep.workerKey, 401],
    ["the bare API key", () => ep.apiKey, 200],
    ["the API key behind Bearer", () => `Bearer ${ep.apiKey}`, 200],
  ])("%s → the job API answers as it should", async (_name, key, expected) => {
    const authorization = typeof key === "function" ? key() : key;
    const response = await fetch(`${queue.origin}/local/v2/${ep.name}/health`, {
      headers: authorization ? { authorization } : {},
    });
    expect(response.status).toBe(expected);
    if (expected !== 200) expect(await response.json()).toEqual({ error: expect.any(String) });
  });

  it("refuses the API key on worker paths", async () => {
    expect((await ep.api("GET", "/ping/w1?gpu=x")).status).toBe(401);
  });

  it("knows nothing of another workspace's endpoint and jobs", async () => {
    const other = await queue.endpoint();
    const id = await submit();
    const byName = await fetch(`${queue.origin}/local/v2/${ep.name}/status/${id}`, {
      headers: { authorization: other.apiKey },
    });
    expect(byName.status).toBe(404);
    expect((await other.api("GET", `/status/${id}`)).status).toBe(404);
    expect((await other.api("POST", `/cancel/${id}`)).status).toBe(404);
    expect((await other.worker("POST", `/job-done/w1/${id}?x=1`, { output: 1 })).status).toBe(200);
    expect(await status(id)).toEqual({ id, status: "IN_QUEUE" });
    await ep.api("POST", `/cancel/${id}`);
  });

  it("keeps the same name apart in two workspaces", async () => {
    const [a, b] = [await queue.endpoint({ name: "twin" }), await queue.endpoint({ name: "twin" })];
    const id = await submit({ input: { n: 1 } }, a);
    expect((await b.api("GET", `/status/${id}`)).status).toBe(404);
    expect((await a.api("GET", `/status/${id}`)).status).toBe(200);
  });
});

describe("what is accepted", () => {
  it.each<[string, unknown, RegExp]>([
    ["no JSON", "{", /JSON object/],
    ["no object", "[]", /JSON object/],
    ["no input", { webhook: "https://x.example" }, /input is required/],
    ["an input that is no object", { input: "text" }, /input must be an object/],
    ["a webhook that is no URL", { input: { a: 1 }, webhook: "nope" }, /webhook must be/],
    [
      "too short an execution timeout",
      { input: { a: 1 }, policy: { executionTimeout: 4999 } },
      /policy\.executionTimeout must be at least 5000/,
    ],
    [
      "too long a ttl",
      { input: { a: 1 }, policy: { ttl: 604_800_001 } },
      /policy\.ttl must be at most 604800000/,
    ],
    [
      "a ttl that is no whole number",
      { input: { a: 1 }, policy: { ttl: 10_000.5 } },
      /policy\.ttl must be a whole/,
    ],
    [
      "a priority that is no boolean",
      { input: { a: 1 }, policy: { lowPriority: "yes" } },
      /policy\.lowPriority/,
    ],
    ["half an s3Config", { input: { a: 1 }, s3Config: { accessId: "a" } }, /s3Config\.accessSecret/],
  ])("%s is refused with 400 and a sentence that names the field", async (_name, body, words) => {
    const answer = await ep.api("POST", "/run", body);
    expect(answer.status).toBe(400);
    expect((answer.body as { error: string }).error).toMatch(words);
  });

  it("refuses more than 10 MB on /run and takes it on /runsync", async () => {
    const big = { input: { data: "x".repeat(11 * 1024 * 1024) } };
    const refused = await ep.api("POST", "/run", big);
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringContaining("10 MB") } });
    const taken = await ep.api("POST", "/runsync?wait=1000", big);
    expect(taken).toMatchObject({
      status: 200,
      body: { status: "IN_QUEUE", id: expect.stringMatching(/^sync-/) },
    });
    await ep.api("POST", `/cancel/${(taken.body as { id: string }).id}`);
  });

  it("hands input and output on exactly as they were spelled, and drops unknown keys", async () => {
    const input = `{"z":1.0,"a":[1e2, 0.10],"big":12345678901234567890,"t":"\\u00e9\\"}{","z2":{}}`;
    const id = await submit(
      `{"policy":{"executionTimeout":5000},"extra":{"input":1},"input": ${input} ,"__proto__":{"x":1}}`,
    );
    const taken = await ep.worker("GET", "/job-take/w1?gpu=x&job_in_progress=0");
    expect(taken.text).toBe(`{"id":"${id}","input":${input}}`);
    await done(id, `{"output": ${input}}`);
    expect((await ep.api("GET", `/status/${id}`)).text).toContain(`"output":${input}`);
  });

  it("gives s3Config to the worker only, and keeps it sealed", async () => {
    const s3Config = {
      accessId: "AKID-canary",
      accessSecret: "SECRET-canary",
      bucketName: "b",
      endpointUrl: "https://s3.example.com",
    };
    const id = await submit({ input: { a: 1 }, s3Config, webhook: "https://hook.example/secret-token" });
    expect(await take()).toEqual({ id, input: { a: 1 }, s3Config });
    await done(id, { output: { ok: true } });
    expect(JSON.stringify(await status(id))).not.toMatch(/canary|hook\.example/);
    const dump = JSON.stringify(await queue.query(sql`select * from local_job where id = ${id}`));
    expect(dump).not.toMatch(/canary|hook\.example/);
  });
});

describe("the life of a job", () => {
  it("shows each status in the platform's shape", async () => {
    const id = await submit();
    expect(await status(id)).toEqual({ id, status: "IN_QUEUE" });
    expect(await take()).toEqual({ id, input: { n: 1 } });
    expect(await status(id)).toEqual({
      id,
      status: "IN_PROGRESS",
      delayTime: expect.any(Number),
      workerId: "w1",
    });
    await done(id, { status: "IN_PROGRESS", output: { step: 1 } });
    expect(await status(id)).toMatchObject({ status: "IN_PROGRESS", output: { step: 1 } });
    await done(id, { output: { answer: 42 } });
    expect(await status(id)).toEqual({
      ...{ id, status: "COMPLETED", workerId: "w1", output: { answer: 42 } },
      ...{ delayTime: expect.any(Number), executionTime: expect.any(Number) },
    });
    expect((await ep.api("POST", `/status/${id}`)).status).toBe(200);
  });

  it.each<[string, unknown, Record<string, unknown>]>([
    ["an object", { output: { a: 1 } }, { status: "COMPLETED", output: { a: 1 } }],
    ["nothing (None)", { output: null }, { status: "COMPLETED" }],
    ["an empty object", {}, { status: "COMPLETED" }],
    ["an error", { error: "boom" }, { status: "FAILED", error: "boom" }],
    ["an error beside an output", { output: { detail: 7 }, error: "x" }, { status: "FAILED", error: "x" }],
    ["an error that is no string", { error: { code: 1 } }, { status: "FAILED", error: '{"code":1}' }],
    [
      "a wish to be restarted",
      { output: { ok: 1 }, stopPod: true },
      { status: "COMPLETED", output: { ok: 1 } },
    ],
  ])("a worker that returns %s", async (_name, body, expected) => {
    const id = await submit();
    await take();
    expect((await done(id, body)).status).toBe(200);
    const { delayTime, executionTime, ...shown } = (await status(id)) as Record<string, unknown>;
    expect([typeof delayTime, typeof executionTime]).toEqual(["number", "number"]);
    expect(shown).toEqual({ id, workerId: "w1", ...expected });
  });

  it("a result over 10 MB is refused with 400 and the job ends without output", async () => {
    const id = await submit();
    await take();
    expect((await done(id, { output: "x".repeat(11 * 1024 * 1024) })).status).toBe(400);
    expect(await status(id)).toMatchObject({ status: "COMPLETED" });
    expect(await status(id)).not.toHaveProperty("output");
  });

  it("progress that overtakes the result changes nothing", async () => {
    const id = await submit();
    await take();
    await done(id, { output: 1 });
    await done(id, { status: "IN_PROGRESS", output: "late" });
    expect(await status(id)).toMatchObject({ status: "COMPLETED", output: 1 });
  });

  it("a second result, and one of another worker, change nothing", async () => {
    const id = await submit();
    await take();
    await done(id, { output: "stranger" }, "w2");
    expect(await status(id)).toMatchObject({ status: "IN_PROGRESS" });
    await done(id, { output: "first" });
    await done(id, { error: "second" });
    expect(await status(id)).toMatchObject({ status: "COMPLETED", output: "first" });
  });

  it("runsync answers with the result as soon as there is one", async () => {
    const answer = ep.api("POST", "/runsync?wait=10000", { input: { n: 1 } });
    const { id } = await take();
    await done(id, { output: "now" });
    expect((await answer).body).toMatchObject({ id, status: "COMPLETED", output: "now" });
    expect(id).toMatch(/^sync-/);
  });

  it("status-sync waits, and says how it stands when the wait is over", async () => {
    const id = await submit();
    const began = Date.now();
    expect((await ep.api("GET", `/status-sync/${id}?wait=1000`)).body).toEqual({ id, status: "IN_QUEUE" });
    expect(Date.now() - began).toBeGreaterThanOrEqual(990);
    const answer = ep.api("POST", `/status-sync/${id}?wait=10000`);
    await take();
    await done(id, { output: 1 });
    expect((await answer).body).toMatchObject({ status: "COMPLETED" });
  });
});

describe("cancel, retry, purge", () => {
  it("cancels a waiting job; no worker gets it", async () => {
    const id = await submit();
    expect((await ep.api("POST", `/cancel/${id}`)).body).toEqual({ id, status: "CANCELLED" });
    const next = await submit();
    expect((await take()).id).toBe(next);
    await done(next, { output: 1 });
  });

  it("cancels a running job: its worker is told once, and its late result does not count", async () => {
    const id = await submit();
    await take();
    const stop = ep.worker("GET", "/job-stop/w1?gpu=x");
    await ep.api("POST", `/cancel/${id}`);
    expect(await stop).toMatchObject({ status: 200, body: { jobsToStop: [id] } });
    await done(id, { output: "late" });
    expect(await status(id)).toMatchObject({ status: "CANCELLED" });
    expect(await status(id)).not.toHaveProperty("output");
  });

  it("leaves a finished job as it is", async () => {
    const id = await submit();
    await take();
    await done(id, { output: 1 });
    expect((await ep.api("POST", `/cancel/${id}`)).body).toEqual({ id, status: "COMPLETED" });
  });

  it("retries only what failed, under the same id and without its old error", async () => {
    const id = await submit({ input: { keep: "me" } });
    expect((await ep.api("POST", `/retry/${id}`)).status).toBe(400);
    await take();
    await done(id, { error: "first try" });
    expect((await ep.api("POST", `/retry/${id}`)).body).toEqual({ id, status: "IN_QUEUE" });
    expect(await status(id)).toEqual({ id, status: "IN_QUEUE" });
    expect(await take()).toEqual({ id, input: { keep: "me" } });
    await done(id, { output: 2 });
    expect(await status(id)).toMatchObject({ status: "COMPLETED", output: 2 });
    expect((await ep.api("POST", `/retry/${id}`)).status).toBe(400);
    expect((await ep.api("POST", "/retry/no-such-job")).status).toBe(404);
  });

  it("purges what waits and leaves what runs", async () => {
    const other = await queue.endpoint();
    const running = await submit({ input: { n: 1 } }, other);
    await take("w1", other);
    const waiting = [await submit({ input: { n: 2 } }, other), await submit({ input: { n: 3 } }, other)];
    expect((await other.api("POST", "/purge-queue")).body).toEqual({ removed: 2, status: "completed" });
    expect(await status(running, other)).toMatchObject({ status: "IN_PROGRESS" });
    for (const id of waiting) expect(await status(id, other)).toEqual({ id, status: "CANCELLED" });
  });
});

describe("keeping", () => {
  const left = async (id: string) =>
    (
      await queue.query<{ s: number }>(sql`
      select round(extract(epoch from delete_at - finished_at))::int as s from local_job where id = ${id}`)
    )[0]?.s;

  it("keeps a result for 30 minutes, and for one minute after /runsync", async () => {
    const id = await submit();
    await take();
    await done(id, { output: 1 });
    expect(await left(id)).toBe(1800);
    const answer = ep.api("POST", "/runsync?wait=5000", { input: { n: 1 } });
    const job = await take();
    await done(job.id, { output: 1 });
    await answer;
    expect(await left(job.id)).toBe(60);
  });

  it("answers 404 the moment retention is over, and sweeps the row", async () => {
    const id = await submit();
    await take();
    await done(id, { output: 1 });
    expect((await ep.api("GET", `/status/${id}?ttl=200`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect((await ep.api("GET", `/status/${id}`)).status).toBe(404);
    await sweepExpired(queue.database.db);
    expect(await queue.query(sql`select from local_job where id = ${id}`)).toEqual([]);
  });

  it("deletes a job whose ttl is over in any state and tells the worker of a running one to stop", async () => {
    const other = await queue.endpoint();
    const running = await submit({ input: { n: 1 }, policy: { ttl: 10_000 } }, other);
    await take("w1", other);
    const waiting = await submit({ input: { n: 2 }, policy: { ttl: 10_000 } }, other);
    await queue.query(sql`update local_job set expires_at = now() where id in (${running}, ${waiting})`);
    for (const id of [running, waiting]) expect((await other.api("GET", `/status/${id}`)).status).toBe(404);
    await sweepExpired(queue.database.db);
    const stop = await other.worker("GET", "/job-stop/w1?gpu=x");
    expect(stop.body).toEqual({ jobsToStop: [running] });
    await other.worker("GET", "/ping/w1?gpu=x"); // it has let go
    await sweepExpired(queue.database.db);
    expect(await queue.query(sql`select from local_job where id in (${running}, ${waiting})`)).toEqual([]);
  });
});

describe("listing and counting", () => {
  it("counts jobs and workers as the platform does", async () => {
    const other = await queue.endpoint();
    await submit({ input: { n: 1 } }, other);
    await submit({ input: { n: 2 } }, other);
    const first = await take("w1", other);
    await done(first.id, { output: 1 }, "w1", other);
    await take("w1", other);
    await submit({ input: { n: 3 } }, other);
    await other.worker("GET", "/ping/w2?gpu=x");
    expect((await other.api("GET", "/health")).body).toEqual({
      jobs: { completed: 1, failed: 0, inProgress: 1, inQueue: 1, retried: 0 },
      workers: { idle: 1, initializing: 0, ready: 1, running: 1, throttled: 0, unhealthy: 0 },
    });
  });

  it("lists requests newest first, without outputs, and pages by lastId", async () => {
    const other = await queue.endpoint();
    const ids = [await submit({ input: { n: 1 } }, other), await submit({ input: { n: 2 } }, other)];
    await take("w1", other);
    await done(ids[0]!, { output: "secret" }, "w1", other);
    const page = (await other.api("GET", "/requests")).body as { requests: { id: string }[] };
    expect(page.requests.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(JSON.stringify(page)).not.toContain("secret");
    const rest = (await other.api("GET", `/requests?lastId=${ids[1]}`)).body as {
      requests: { id: string }[];
    };
    expect(rest.requests.map(({ id }) => id)).toEqual([ids[0]]);
  });

  it("says 429 with Retry-After past the limit, per endpoint and operation", async () => {
    const tight = createRateLimit(
      {
        ...{ run: { perWindow: 2, concurrent: 9 }, runsync: { perWindow: 2, concurrent: 9 } },
        ...{ status: { perWindow: 9, concurrent: 1 }, cancel: { perWindow: 1, concurrent: 1 } },
        ...{ "purge-queue": { perWindow: 1, concurrent: 1 }, requests: { perWindow: 1, concurrent: 1 } },
      },
      300,
    );
    await tight.enter("a", "run");
    await tight.enter("a", "run");
    await expect(tight.enter("a", "run")).rejects.toMatchObject({
      code: "too_many",
      retryAfterMs: expect.any(Number),
    });
    await expect(tight.enter("b", "run")).resolves.toBeTypeOf("function");
    await expect(tight.enter("a", "cancel")).resolves.toBeTypeOf("function");
    await new Promise((resolve) => setTimeout(resolve, 350));
    await expect(tight.enter("a", "run")).resolves.toBeTypeOf("function");
    const leave = await tight.enter("a", "status");
    await expect(tight.enter("a", "status")).rejects.toMatchObject({ code: "too_many" });
    leave();
    await expect(tight.enter("a", "status")).resolves.toBeTypeOf("function");
  });

  it("answers the third purge within 10 s with 429", async () => {
    const other = await queue.endpoint();
    expect((await other.api("POST", "/purge-queue")).status).toBe(200);
    expect((await other.api("POST", "/purge-queue")).status).toBe(200);
    const response = await fetch(`${queue.origin}/local/v2/${other.name}/purge-queue`, {
      method: "POST",
      headers: { authorization: other.apiKey },
    });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.json()).toEqual({ error: expect.any(String) });
  });
});
