import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { UpstreamOptions } from "@/bench/upstream/options";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** The machine may be busy: a wait may take long, but what is waited for must come. */
const PATIENT = { timeout: 10_000 };

async function upstreamWith(options: Partial<UpstreamOptions> = {}): Promise<Upstream> {
  const upstream = await startUpstream({ roundTripMs: 0, runMedianMs: 20, runSigma: 0, ...options });
  closing.push(upstream.close);
  return upstream;
}

function call(upstream: Upstream, path: string, init: { body?: unknown; key?: string } = {}) {
  return fetch(`${upstream.url}/ep1/${path}`, {
    method: init.body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${init.key ?? upstream.key}` },
    ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
  });
}

async function run(upstream: Upstream, input: unknown = { x: 1 }, more: object = {}): Promise<string> {
  const response = await call(upstream, "run", { body: { input, ...more } });
  return ((await response.json()) as { id: string }).id;
}

const statusOf = async (upstream: Upstream, id: string) =>
  (await (await call(upstream, `status/${id}`)).json()) as Record<string, unknown>;

async function receiver() {
  const got: { path: string; body: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part) => {
      text += part;
    });
    request.on("end", () => {
      got.push({ path: request.url ?? "", body: JSON.parse(text) as Record<string, unknown> });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("a job's life", () => {
  it("goes from the queue over a worker to an output that echoes the input", async () => {
    const upstream = await upstreamWith({ workers: 1, outputBytes: 10 });
    const first = await run(upstream, { n: 1, sim: { runMs: 1000 } });
    const second = await run(upstream, { n: 2 });
    expect(await statusOf(upstream, first)).toMatchObject({
      status: "IN_PROGRESS",
      delayTime: expect.any(Number),
    });
    expect(await statusOf(upstream, second)).toEqual({ id: second, status: "IN_QUEUE" });
    await expect.poll(() => upstream.completedAt(second), PATIENT).toBeDefined();
    expect(upstream.completedAt(first)).toBeLessThan(upstream.completedAt(second)!);
    const done = await statusOf(upstream, second);
    expect(done).toMatchObject({ status: "COMPLETED", output: { echo: { n: 2 } } });
    expect((done.output as { payload: string }).payload).toHaveLength(10);
    expect(upstream.counters().statusTold).toEqual({ IN_PROGRESS: 1, IN_QUEUE: 1, COMPLETED: 1 });
  });

  it("runs job n of a seed equally long in every upstream", async () => {
    const spans = await Promise.all(
      [1, 2].map(async () => {
        const upstream = await upstreamWith({ runMedianMs: 30, runSigma: 0.5, seed: 7 });
        for (let i = 0; i < 3; i++) await run(upstream);
        return upstream.jobs().map((job) => job.runMs);
      }),
    );
    expect(spans[0]).toEqual(spans[1]);
    expect(new Set(spans[0]).size).toBe(3);
  });

  it("answers 404 after retention and after the ttl, on provider time", async () => {
    const upstream = await upstreamWith({ retentionMs: 60_000, scale: 50, workers: 1, runMedianMs: 10 });
    const kept = await run(upstream);
    await expect.poll(() => upstream.completedAt(kept), PATIENT).toBeDefined();
    expect((await call(upstream, `status/${kept}`)).status).toBe(200);
    await expect.poll(async () => (await call(upstream, `status/${kept}`)).status, PATIENT).toBe(404);
    const blocked = await run(upstream, { sim: { runMs: 60_000 } });
    const shortLived = await run(upstream, { x: 1 }, { policy: { ttl: 10_000 } });
    expect((await call(upstream, `status/${blocked}`)).status).toBe(200);
    await expect.poll(async () => (await call(upstream, `status/${shortLived}`)).status, PATIENT).toBe(404);
  });

  it("cancels, purges the queue only, and retries only what failed", async () => {
    const upstream = await upstreamWith({ workers: 1, runMedianMs: 5000 });
    const running = await run(upstream);
    const queued = await run(upstream);
    expect(await (await call(upstream, "purge-queue", { body: {} })).json()).toMatchObject({ removed: 1 });
    expect((await statusOf(upstream, queued)).status).toBe("CANCELLED");
    expect(await (await call(upstream, `cancel/${running}`, { body: {} })).json()).toMatchObject({
      status: "CANCELLED",
    });
    expect((await call(upstream, `retry/${running}`, { body: {} })).status).toBe(400);
    const failing = await run(upstream, { sim: { runMs: 5, fails: true } });
    await expect.poll(async () => (await statusOf(upstream, failing)).status, PATIENT).toBe("FAILED");
    expect((await call(upstream, `retry/${failing}`, { body: {} })).status).toBe(200);
    await expect.poll(async () => (await statusOf(upstream, failing)).retries, PATIENT).toBe(1);
  });

  it("holds runsync until the result is there", async () => {
    const upstream = await upstreamWith();
    const response = await call(upstream, "runsync?wait=2000", { body: { input: { x: 1 } } });
    expect(await response.json()).toMatchObject({ status: "COMPLETED", output: { echo: { x: 1 } } });
  });

  it("times out a job that runs longer than its executionTimeout", async () => {
    const upstream = await upstreamWith({ runMedianMs: 10_000 });
    const id = await run(upstream, {}, { policy: { executionTimeout: 10 } });
    await expect.poll(async () => (await statusOf(upstream, id)).status, PATIENT).toBe("TIMED_OUT");
  });
});

describe("keys and limits", () => {
  it("answers 401 to a wrong and to a revoked key, and accepts nothing", async () => {
    const upstream = await upstreamWith();
    expect((await call(upstream, "run", { body: { input: {} }, key: "wrong" })).status).toBe(401);
    upstream.revokeKey();
    expect((await call(upstream, "health")).status).toBe(401);
    upstream.restoreKey();
    expect((await call(upstream, "health")).status).toBe(200);
    expect(upstream.counters()).toMatchObject({
      accepted: 0,
      operations: { run: { requests: 1, unauthorized: 1 } },
    });
  });

  it("answers 429 past the window, with Retry-After when told to, per endpoint", async () => {
    const upstream = await upstreamWith({ retryAfter: true });
    await call(upstream, "purge-queue", { body: {} });
    await call(upstream, "purge-queue", { body: {} });
    const third = await call(upstream, "purge-queue", { body: {} });
    expect(third.status).toBe(429);
    expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(8);
    const other = await fetch(`${upstream.url}/ep2/purge-queue`, {
      method: "POST",
      headers: { authorization: `Bearer ${upstream.key}` },
    });
    expect(other.status).toBe(200);
    expect(upstream.counters().operations["purge-queue"]).toMatchObject({ requests: 4, limited: 1 });
  });

  it("answers 429 past the concurrency, and counts the most at once", async () => {
    const upstream = await upstreamWith({ roundTripMs: 500 });
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => call(upstream, "cancel/x", { body: {} })),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
    expect(upstream.counters().operations.cancel).toMatchObject({ maxPerSecond: 25, maxConcurrent: 25 });
  });
});

describe("webhooks", () => {
  it("calls back once with the status object and the request's input", async () => {
    const { got, url } = await receiver();
    const upstream = await upstreamWith();
    const id = await run(upstream, { x: 2 }, { webhook: `${url}/hook` });
    await expect.poll(() => got.length, PATIENT).toBe(1);
    expect(got[0]).toMatchObject({
      path: "/hook",
      body: { id, status: "COMPLETED", input: { x: 2 }, webhook: `${url}/hook` },
    });
  });

  it("loses, repeats and reorders as planned", async () => {
    const { got, url } = await receiver();
    const upstream = await upstreamWith({
      webhooks: { ...WEBHOOKS_ON, lossRate: 0.3, times: 2, reorderMs: 40 },
      limits: "none",
      runMedianMs: 1,
    });
    for (let n = 0; n < 50; n++) await run(upstream, { n }, { webhook: url });
    const settled = () => {
      const { delivered, dropped } = upstream.counters().webhooks;
      return delivered / 2 + dropped;
    };
    await expect.poll(settled, PATIENT).toBe(50);
    expect(upstream.counters().webhooks.dropped).toBeGreaterThan(5);
    expect(upstream.counters().webhooks.dropped).toBeLessThan(25);
    const order = got.map(({ body }) => (body.input as { n: number }).n);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
  });

  it("delivers before /run has answered", async () => {
    const { got, url } = await receiver();
    const upstream = await upstreamWith({
      webhooks: { ...WEBHOOKS_ON, beforeRunAnswers: true },
      runMedianMs: 60_000,
    });
    const id = await run(upstream, {}, { webhook: url });
    expect(got.map(({ body }) => body.id)).toEqual([id]);
  });

  it("tries an unreachable receiver three times", async () => {
    const upstream = await upstreamWith({ scale: 1000 });
    await run(upstream, {}, { webhook: "http://127.0.0.1:9/" });
    await expect.poll(() => upstream.counters().webhooks, PATIENT).toMatchObject({ attempts: 3, failed: 1 });
  });
});

describe("faults", () => {
  it.each([
    ["before the body", "before-body", 0],
    ["during the body", "during-body", 0],
    ["after the body", "after-body", 1],
    ["during the reply", "during-reply", 1],
  ] as const)("a reset %s leaves %s accepted as it says", async (_name, when, accepted) => {
    const upstream = await upstreamWith({
      faults: [{ operation: "run", index: 0, fault: { kind: "reset", when } }],
    });
    await expect(run(upstream)).rejects.toThrow();
    expect(upstream.counters()).toMatchObject({ accepted, operations: { run: { faulted: 1 } } });
    await run(upstream);
    expect(upstream.counters().accepted).toBe(accepted + 1);
  });

  it("answers with the planned status and accepts nothing, unless told to", async () => {
    const upstream = await upstreamWith({
      faults: [
        { operation: "run", index: 0, fault: { kind: "status", status: 503 } },
        { operation: "run", index: 1, fault: { kind: "status", status: 500 }, executed: true },
      ],
    });
    expect((await call(upstream, "run", { body: { input: {} } })).status).toBe(503);
    expect(upstream.counters().accepted).toBe(0);
    expect((await call(upstream, "run", { body: { input: {} } })).status).toBe(500);
    expect(upstream.counters().accepted).toBe(1);
  });

  it("spoils the answer: truncated, garbage, HTML, an empty object, huge, deep, a bomb", async () => {
    const upstream = await upstreamWith();
    const id = await run(upstream);
    const spoiled = async (fault: NonNullable<UpstreamOptions["faults"]>[number]["fault"]) => {
      upstream.setFaults([{ fault }]);
      return (await call(upstream, `status/${id}`)).text();
    };
    await expect(spoiled({ kind: "truncate" })).rejects.toThrow();
    const garbage = await spoiled({ kind: "garbage" });
    expect(() => JSON.parse(garbage)).toThrow();
    expect(await spoiled({ kind: "html" })).toContain("<html>");
    expect(await spoiled({ kind: "empty-object" })).toBe("{}");
    expect(await spoiled({ kind: "drip", msPerByte: 1 })).toContain(id);
    expect((await spoiled({ kind: "huge", bytes: 3_000_000 })).length).toBeGreaterThan(3_000_000);
    expect(await spoiled({ kind: "deep", depth: 1000 })).toContain("[".repeat(1000));
    expect(
      (JSON.parse(await spoiled({ kind: "gzip-bomb", bytes: 2_000_000 })) as { output: string }).output,
    ).toHaveLength(2_000_000);
  });

  it("never answers when told so, and closes all the same", async () => {
    const upstream = await upstreamWith({ faults: [{ operation: "health", fault: { kind: "never" } }] });
    const signal = AbortSignal.timeout(200);
    await expect(
      fetch(`${upstream.url}/ep1/health`, { headers: { authorization: `Bearer ${upstream.key}` }, signal }),
    ).rejects.toThrow(/timeout|aborted/i);
  });
});

it("names the intents that were paid for twice", async () => {
  const upstream = await upstreamWith();
  for (const marker of ["a", "b", "a"]) await run(upstream, { marker });
  expect(upstream.duplicates()).toEqual(new Map([["a", 2]]));
});

it("finishes everything at once on request", async () => {
  const upstream = await upstreamWith({ workers: 1, runMedianMs: 60_000 });
  const ids = [await run(upstream), await run(upstream)];
  upstream.finishAll();
  for (const id of ids) expect((await statusOf(upstream, id)).status).toBe("COMPLETED");
});
