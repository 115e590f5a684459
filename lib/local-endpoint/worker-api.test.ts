import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sweepExecutionTimeouts, sweepSilentWorkers } from "@/lib/local-endpoint/store-sweep";
import { eventually, type TestEndpoint, type TestQueue, testQueue } from "@/lib/local-endpoint/testing";

let queue: TestQueue;
let ep: TestEndpoint;
beforeAll(async () => {
  queue = await testQueue();
});
afterAll(() => queue.close());

const submit = async (input: Record<string, unknown> = { n: 1 }, policy?: object): Promise<string> =>
  ((await ep.api("POST", "/run", { input, ...(policy && { policy }) })).body as { id: string }).id;
const take = async (worker = "w1") =>
  (await ep.worker("GET", `/job-take/${worker}?gpu=x&job_in_progress=0`)).body as {
    id: string;
    input: { n: number };
  };
const status = async (id: string) => (await ep.api("GET", `/status/${id}`)).body as Record<string, unknown>;
const chunk = (id: string, output: unknown) =>
  ep.worker("POST", `/job-stream/w1/${id}?gpu=x&isStream=false`, { output });
const db = () => queue.database.db;

describe("taking", () => {
  beforeAll(async () => {
    ep = await queue.endpoint();
  });

  it("is first in, first out, with low priority last", async () => {
    await submit({ n: 1 }, { lowPriority: true });
    await submit({ n: 2 });
    await submit({ n: 3 });
    await submit({ n: 4 }, { lowPriority: true });
    const order = [];
    for (let i = 0; i < 4; i++) order.push((await take()).input.n);
    expect(order).toEqual([2, 3, 1, 4]);
  });

  it("gives each of 200 jobs to exactly one of 20 workers that ask at once", async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 200; i += 20)
      for (const id of await Promise.all(Array.from({ length: 20 }, () => submit()))) ids.add(id);
    const given: string[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, worker) => {
        for (let round = 0; round < 3; round++) {
          const answer = await ep.worker("GET", `/job-take-batch/c${worker}?batch_size=3`);
          given.push(...(answer.body as { id: string }[]).map(({ id }) => id));
        }
      }),
    );
    while (given.length < 200) given.push((await take()).id);
    expect(given.length).toBe(200);
    expect(new Set(given)).toEqual(ids);
  });

  it("holds the poll until work arrives, and wakes at once", async () => {
    const poll = take();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = performance.now();
    const id = await submit();
    expect((await poll).id).toBe(id);
    expect(performance.now() - began).toBeLessThan(900);
  });

  it("looks again by itself when the LISTEN connection is lost", async () => {
    const poll = take();
    await queue.query(sql`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jobdeck-listen'
        and datname = current_database()`);
    const id = await submit();
    expect((await poll).id).toBe(id);
  });

  it("leaves the job to others when the one who waited has hung up", async () => {
    const gone = new AbortController();
    const poll = fetch(`${queue.origin}/local/v2/${ep.name}/job-take/w9?x=1`, {
      headers: { authorization: ep.workerKey },
      signal: gone.signal,
    }).catch(() => "gone");
    await new Promise((resolve) => setTimeout(resolve, 200));
    gone.abort();
    await poll;
    const id = await submit();
    const given = await take("w1");
    expect(given.id).toBe(id);
    expect(await status(id)).toMatchObject({ workerId: "w1" });
  });

  it("refuses ids that cannot be", async () => {
    expect((await ep.worker("GET", "/job-take/a%20b%00?x=1")).status).toBe(404);
    expect((await ep.api("GET", "/status/%00")).status).toBe(404);
  });
});

describe("streaming", () => {
  beforeAll(async () => {
    ep = await queue.endpoint();
  });

  it("hands out and removes what is buffered, in order, and waits while there is nothing", async () => {
    const id = await submit();
    expect((await ep.api("GET", `/stream/${id}?wait=1000`)).body).toEqual({ status: "IN_QUEUE", stream: [] });
    await take();
    for (const n of [0, 1, 2]) await chunk(id, { n });
    expect((await ep.api("GET", `/stream/${id}`)).body).toEqual({
      status: "IN_PROGRESS",
      stream: [{ output: { n: 0 } }, { output: { n: 1 } }, { output: { n: 2 } }],
    });
    const next = ep.api("POST", `/stream/${id}?wait=5000`);
    await chunk(id, "more");
    expect((await next).body).toEqual({ status: "IN_PROGRESS", stream: [{ output: "more" }] });
    await chunk(id, "last");
    await ep.worker("POST", `/job-done/w1/${id}?isStream=true`, { output: [] });
    expect((await ep.api("GET", `/stream/${id}`)).body).toEqual({
      status: "COMPLETED",
      stream: [{ output: "last" }],
    });
    expect((await ep.api("GET", `/stream/${id}`)).body).toEqual({ status: "COMPLETED", stream: [] });
    expect(await status(id)).toMatchObject({ status: "COMPLETED", output: [] });
  });

  it("gives each chunk to one of two readers", async () => {
    const id = await submit();
    await take();
    for (let n = 0; n < 20; n++) await chunk(id, n);
    const read = await Promise.all([
      ep.api("GET", `/stream/${id}?wait=1000`),
      ep.api("GET", `/stream/${id}?wait=1000`),
    ]);
    const seen = read.flatMap(({ body }) =>
      (body as { stream: { output: number }[] }).stream.map((c) => c.output),
    );
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it("refuses a chunk over 1 MB and one that is no object, and drops those of strangers", async () => {
    const id = await submit();
    await take();
    expect((await chunk(id, "x".repeat(1024 * 1024))).status).toBe(400);
    expect((await ep.worker("POST", `/job-stream/w1/${id}?x=1`, "nope")).status).toBe(400);
    await ep.worker("POST", `/job-stream/w2/${id}?x=1`, { output: "stranger" });
    expect((await ep.api("GET", `/stream/${id}?wait=1000`)).body).toEqual({
      status: "IN_PROGRESS",
      stream: [],
    });
  });
});

describe("deadlines", () => {
  beforeAll(async () => {
    ep = await queue.endpoint();
  });
  const age = (id: string, column: "started_at" | "heartbeat_at", seconds: number) =>
    queue.query(sql`
      update local_job set ${sql.identifier(column)} = ${sql.identifier(column)} - ${seconds} * interval '1 second'
      where id = ${id}`);

  it("ends a job past its executionTimeout, tells its worker, and ignores the late result", async () => {
    const id = await submit({ n: 1 }, { executionTimeout: 5000 });
    await take();
    expect(await sweepExecutionTimeouts(db())).toBe(0);
    await age(id, "started_at", 6);
    expect(await sweepExecutionTimeouts(db())).toBe(1);
    expect(await status(id)).toMatchObject({
      status: "TIMED_OUT",
      error: expect.stringContaining("5000 ms"),
    });
    expect((await ep.worker("GET", "/job-stop/w1?x=1")).body).toEqual({ jobsToStop: [id] });
    await ep.worker("POST", `/job-done/w1/${id}?isStream=false`, { output: "late" });
    expect(await status(id)).toMatchObject({ status: "TIMED_OUT" });
    expect((await ep.api("POST", `/retry/${id}`)).body).toEqual({ id, status: "IN_QUEUE" });
    await ep.api("POST", `/cancel/${id}`);
  });

  it("hands a job of a silent worker out once more, then fails it in the platform's words", async () => {
    const id = await submit();
    await take();
    await chunk(id, "of the first attempt");
    await age(id, "heartbeat_at", 41);
    await sweepSilentWorkers(db());
    expect(await status(id)).toEqual({ id, status: "IN_QUEUE", retries: 1 });
    expect((await take("w2")).id).toBe(id);
    expect((await ep.api("GET", `/stream/${id}?wait=1000`)).body).toMatchObject({ stream: [] });
    await age(id, "heartbeat_at", 41);
    await sweepSilentWorkers(db());
    expect(await status(id)).toMatchObject({
      ...{ status: "FAILED", retries: 1, workerId: "w2", error: "job timed out after 1 retries" },
    });
    expect((await ep.api("GET", "/health")).body).toMatchObject({ jobs: { retried: 1, failed: 2 } });
  });

  it("leaves a job alone whose worker names it in its pings", async () => {
    const id = await submit();
    await take();
    await age(id, "heartbeat_at", 41);
    await ep.worker("GET", `/ping/w1?gpu=x&job_id=other,${id}&runpod_version=1.12.0`);
    expect(await sweepSilentWorkers(db())).toBe(0);
    await age(id, "heartbeat_at", 41);
    await ep.worker("GET", "/ping/w1?gpu=x"); // alive, but it has lost the job
    expect(await sweepSilentWorkers(db())).toBe(1);
    await ep.api("POST", `/cancel/${id}`);
  });

  it("hands an empty input out without its key, as the platform does", async () => {
    const id = ((await ep.api("POST", "/run", { input: {} })).body as { id: string }).id;
    expect(await take()).toEqual({ id });
    await ep.api("POST", `/cancel/${id}`);
  });
});

describe("closing", () => {
  it("ends held polls with 204 at once", async () => {
    const own = await queue.endpoint();
    const polls = [own.worker("GET", "/job-take/w1?x=1"), own.worker("GET", "/job-stop/w1?x=1")];
    const id = (
      (await own.api("POST", "/run", { input: { n: 1 }, policy: { lowPriority: true } })).body as {
        id: string;
      }
    ).id;
    expect((await polls[0])?.status).toBe(200);
    const sync = own.api("GET", `/status-sync/${id}?wait=60000`);
    const again = own.worker("GET", "/job-take/w1?x=1");
    await new Promise((resolve) => setTimeout(resolve, 200));
    const began = performance.now();
    await queue.hub.close();
    expect((await again).status).toBe(204);
    expect((await polls[1])?.status).toBe(204);
    expect((await sync).body).toMatchObject({ status: "IN_PROGRESS" });
    expect(performance.now() - began).toBeLessThan(5000);
    await eventually(
      async () =>
        (
          await queue.query(sql`
      select from pg_stat_activity where application_name = 'jobdeck-listen' and datname = current_database()`)
        ).length === 0,
    );
  });
});
