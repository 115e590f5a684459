import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { sql } from "drizzle-orm";
import { decode } from "fast-png";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startLocalPool } from "@/lib/local-endpoint/runner";
import { eventually, type TestEndpoint, type TestQueue, testQueue } from "@/lib/local-endpoint/testing";
import { BUILT_IN_HANDLERS } from "@/lib/local-endpoint/worker-process";

/** Real processes on a machine that may be busy with other things. */
const PATIENCE_MS = 50_000;
vi.setConfig({ testTimeout: 60_000 });

let queue: TestQueue;
beforeAll(async () => {
  process.env.JOBDECK_LOG_LEVEL = "warn";
  queue = await testQueue();
});
afterAll(() => queue.close());

/** Pools of single tests; a group that shares one stops it itself. */
const pools: { stop: () => Promise<void> }[] = [];
const newPool = (handlers = BUILT_IN_HANDLERS) => {
  const { database, hub, vault, origin } = queue;
  return startLocalPool({
    db: () => database.db,
    hub,
    vault: () => vault,
    origin: () => origin,
    handlers,
  });
};
const startPool = (handlers = BUILT_IN_HANDLERS) => {
  const pool = newPool(handlers);
  pools.push(pool);
  return pool;
};
/** The endpoint is called sample-text; its worker is one that ignores every order. */
const stubborn = { "sample-text": { entry: "workers/testing-stubborn.ts", jobsPerWorker: 1 } };
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

type Job = {
  id: string;
  status: string;
  output?: Record<string, unknown>;
  error?: string;
  retries?: number;
  workerId?: string;
};
const submit = async (ep: TestEndpoint, input: object, policy?: object): Promise<string> =>
  ((await ep.api("POST", "/run", { input, policy })).body as Job).id;
const status = async (ep: TestEndpoint, id: string) => (await ep.api("GET", `/status/${id}`)).body as Job;
const ended = (ep: TestEndpoint, id: string) =>
  eventually(async () => {
    const job = await status(ep, id);
    return ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"].includes(job.status) && job;
  }, PATIENCE_MS);
const health = async (ep: TestEndpoint) =>
  (await ep.api("GET", "/health")).body as { jobs: Record<string, number>; workers: Record<string, number> };
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("the sample workers, as real processes", () => {
  let text: TestEndpoint;
  let pool: { stop: () => Promise<void> };
  beforeAll(async () => {
    text = await queue.endpoint({ name: "sample-text", handler: "sample-text" });
    pool = newPool();
  });
  afterAll(() => pool.stop());

  it("sample-text continues the prompt and streams every token of it", async () => {
    const prompt = "The lazy brown fox jumps over the";
    const id = await submit(text, { prompt, seed: 7, tokens_per_second: 0 });
    let streamed = "";
    for (let over = false; !over; ) {
      const { body } = await text.api("GET", `/stream/${id}?wait=2000`);
      const { status: word, stream } = body as { status: string; stream: { output: { text: string } }[] };
      streamed += stream.map(({ output }) => output.text).join("");
      over = word === "COMPLETED";
    }
    const { output } = await ended(text, id);
    expect(output).toMatchObject({ text: prompt + streamed, continuation: streamed, seed: 7 });
    expect(streamed.split(" ").length).toBeGreaterThan(40);
  });

  it("sample-image renders a PNG and reports its progress on the way", async () => {
    const ep = await queue.endpoint({ name: "sample-image", handler: "sample-image" });
    const id = await submit(ep, { seed: 33, width: 480, height: 320 });
    const seen = new Set<unknown>();
    const job = await eventually(async () => {
      const now = await status(ep, id);
      if (now.status === "IN_PROGRESS" && now.output) seen.add(now.output.progress);
      return now.status === "COMPLETED" && now;
    }, PATIENCE_MS);
    expect(job.output).toMatchObject({ width: 480, height: 320, seed: 33, fractal: "mandelbrot" });
    const [head, data = ""] = String(job.output?.image).split(",");
    expect(head).toBe("data:image/png;base64");
    const png = decode(Buffer.from(data, "base64"));
    expect([png.width, png.height]).toEqual([480, 320]);
    expect(new Set(png.data).size).toBeGreaterThan(200);
    expect(seen.size).toBeGreaterThan(0);
  });

  it("refuses what does not fit in words that name the field and its bounds", async () => {
    const job = await ended(text, await submit(text, { prompt: "x", temperature: 7 }));
    expect(job).toMatchObject({
      status: "FAILED",
      error: "The input was not accepted. temperature: must be at most 2 (got 7).",
    });
  });

  it("an obedient worker gives a cancelled job up and lives on", async () => {
    const long = await submit(text, { prompt: "A", max_tokens: 2000, tokens_per_second: 5 });
    const { workerId } = await eventually(async () => {
      const job = await status(text, long);
      return job.status === "IN_PROGRESS" && job;
    });
    await text.api("POST", `/cancel/${long}`);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const next = await ended(text, await submit(text, { prompt: "B", max_tokens: 3, tokens_per_second: 0 }));
    expect(next).toMatchObject({ status: "COMPLETED", workerId });
  });

  it("finishes 60 jobs, several at a time", async () => {
    const before = (await health(text)).jobs.completed ?? 0;
    const ids = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        submit(text, { prompt: `Number ${n}`, max_tokens: 5, tokens_per_second: 0 }),
      ),
    );
    await eventually(async () => (await health(text)).jobs.completed === before + 60, PATIENCE_MS);
    for (const id of ids) expect((await status(text, id)).status).toBe("COMPLETED");
  });
});

describe("scaling", () => {
  it("starts a worker for a job, and none is left after the idle time", async () => {
    startPool();
    const ep = await queue.endpoint({ name: "sample-text", handler: "sample-text" });
    await queue.query(sql`update local_endpoint set idle_timeout_ms = 500 where id = ${ep.id}`);
    expect((await health(ep)).workers).toMatchObject({ idle: 0, running: 0, initializing: 0 });
    const id = await submit(ep, { prompt: "A", max_tokens: 3 });
    await eventually(async () => (await health(ep)).workers.initializing === 1);
    await ended(ep, id);
    await eventually(async () => {
      const rows = await queue.query(sql`select from local_worker where local_endpoint_id = ${ep.id}`);
      return rows.length === 0;
    });
    const [lease] = await eventually(async () => {
      const rows = await queue.query<{ pool_owner: string | null }>(sql`
        select pool_owner from local_endpoint where id = ${ep.id}`);
      return rows[0]?.pool_owner === null && rows;
    });
    expect(lease?.pool_owner).toBeNull();
  });

  it("is not woken by low priority alone, until it has waited for a minute", async () => {
    startPool();
    const ep = await queue.endpoint({ name: "sample-text", handler: "sample-text" });
    const id = await submit(ep, { prompt: "A", max_tokens: 3 }, { lowPriority: true });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await health(ep)).workers).toMatchObject({ initializing: 0 });
    await queue.query(
      sql`update local_job set queued_at = queued_at - interval '61 seconds' where id = ${id}`,
    );
    expect((await ended(ep, id)).status).toBe("COMPLETED");
  });

  it("of three collectors one starts the workers; when it stops, another goes on", async () => {
    const three = [startPool(stubborn), startPool(stubborn), startPool(stubborn)];
    const ep = await queue.endpoint({ name: "sample-text", handler: "sample-text" });
    const first = await ended(ep, await submit(ep, { echo: 1 }));
    const workers = await queue.query<{ spawned_by: string }>(sql`
      select spawned_by from local_worker where local_endpoint_id = ${ep.id}`);
    expect(workers).toHaveLength(1);
    const running = await submit(ep, { block: 3000 });
    await eventually(async () => (await status(ep, running)).status === "IN_PROGRESS");
    await Promise.all([three[0]!.stop(), three[1]!.stop()]);
    const job = await ended(ep, running);
    expect(job).toMatchObject({ status: "COMPLETED" });
    if (job.workerId !== first.workerId) expect(isAlive(Number(first.output?.pid))).toBe(false);
  });
});

describe("workers that do not obey", () => {
  let pool: { stop: () => Promise<void> };
  beforeAll(() => {
    pool = newPool(stubborn);
  });
  afterAll(() => pool.stop());

  it.concurrent("is killed when its job exceeds the executionTimeout, and the next job gets a new one", async () => {
    const ep = await queue.endpoint({ name: "sample-text", handler: "sample-text" });
    const { pid } = (await ended(ep, await submit(ep, { echo: 1 }))).output as { pid: number };
    const late = await submit(ep, { block: 60_000 }, { executionTimeout: 5000 });
    const next = await submit(ep, { echo: 2 });
    const job = await ended(ep, late);
    expect(job).toMatchObject({ status: "TIMED_OUT", error: expect.stringContaining("executionTimeout") });
    const after = await ended(ep, next);
    expect(after).toMatchObject({ status: "COMPLETED", output: { echo: 2 } });
    expect(after.output?.pid).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  });

  it.concurrent("is killed when its job was cancelled and it goes on all the same", async () => {
    const ep = await queue.endpoint({ name: "sample-text", handler: "sample-text" });
    const blocked = await submit(ep, { block: 60_000 });
    await eventually(async () => (await status(ep, blocked)).status === "IN_PROGRESS");
    await ep.api("POST", `/cancel/${blocked}`);
    expect(await ended(ep, await submit(ep, { echo: 3 }))).toMatchObject({ status: "COMPLETED" });
    expect((await status(ep, blocked)).status).toBe("CANCELLED");
  });

  it.concurrent("a worker that dies loses its job to another one, once; then the job fails", async () => {
    const ep = await queue.endpoint({ name: "sample-text", handler: "sample-text" });
    const job = await ended(ep, await submit(ep, { exit: 3 }));
    expect(job).toMatchObject({ status: "FAILED", retries: 1, error: "job timed out after 1 retries" });
  });
});

describe("nothing is left behind", () => {
  it("stop kills a busy worker at once and its job waits for the next collector", async () => {
    const pool = startPool(stubborn);
    const ep = await queue.endpoint({ name: "sample-text", handler: "sample-text" });
    const { pid } = (await ended(ep, await submit(ep, { echo: 1 }))).output as { pid: number };
    const id = await submit(ep, { block: 2000 });
    await eventually(async () => (await status(ep, id)).status === "IN_PROGRESS");
    const began = performance.now();
    await pool.stop();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(isAlive(pid)).toBe(false);
    expect(await status(ep, id)).toEqual({ id, status: "IN_QUEUE" });
    startPool(stubborn);
    expect(await ended(ep, id)).toMatchObject({ status: "COMPLETED" });
  });

  it("a worker ends itself when its collector is killed with -9", async () => {
    const parent = spawn(
      process.execPath,
      ["--import", "tsx", path.join(import.meta.dirname, "testing-parent.ts"), queue.origin],
      { stdio: ["ignore", "ignore", "inherit", "ipc"], env: { ...process.env, JOBDECK_LOG_LEVEL: "silent" } },
    );
    const [pid] = (await once(parent, "message")) as [number];
    // Let it get past its own start: the end of the channel must be noticed by a worker that works.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await eventually(async () => !isAlive(pid), PATIENCE_MS);
  });
});
