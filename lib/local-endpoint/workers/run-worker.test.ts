import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Handler, HandlerRefusal } from "@/lib/local-endpoint/workers/handler";
import { createQueueClient } from "@/lib/local-endpoint/workers/queue-client";
import { runWorker } from "@/lib/local-endpoint/workers/run-worker";
import { readWorkerEnvironment } from "@/lib/local-endpoint/workers/worker-environment";

const base = "http://queue.test/v2/ep";
const variables = {
  RUNPOD_WEBHOOK_GET_JOB: `${base}/job-take/$ID?gpu=x`,
  RUNPOD_WEBHOOK_POST_OUTPUT: `${base}/job-done/$RUNPOD_POD_ID/$ID?gpu=x`,
  RUNPOD_WEBHOOK_POST_STREAM: `${base}/job-stream/$RUNPOD_POD_ID/$ID?gpu=x`,
  RUNPOD_WEBHOOK_PING: `${base}/ping/$RUNPOD_POD_ID?gpu=x`,
  RUNPOD_AI_API_KEY: "key",
  RUNPOD_POD_ID: "w1",
};

/** A queue that answers from a script and remembers what it was told. */
async function serve(
  handler: Handler,
  script: { jobs: unknown[]; done?: number[]; stop?: Promise<string[]>; concurrency?: number },
) {
  const told: { path: string; body: unknown }[] = [];
  const waits: number[] = [];
  const end = new AbortController();
  const doneAnswers = [...(script.done ?? [])];
  const fakeFetch: typeof fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(String(url));
    const [operation] = pathname.slice("/v2/ep/".length).split("/");
    const held = async () => {
      await sleep(10_000, undefined, { signal: init?.signal ?? undefined });
      return new Response(null, { status: 204 });
    };
    if (operation === "job-take" || operation === "job-take-batch") {
      if (script.jobs.length === 0) return held();
      const jobs = operation === "job-take" ? script.jobs.splice(0, 1)[0] : script.jobs.splice(0);
      return Response.json(jobs);
    }
    if (operation === "job-stop") {
      const ids = script.stop && (await script.stop);
      script.stop = undefined;
      return ids ? Response.json({ jobsToStop: ids }) : held();
    }
    const path = `${pathname.slice("/v2/ep/".length)}?${searchParams}`;
    told.push({ path, body: init?.body ? JSON.parse(String(init.body)) : undefined });
    return new Response("{}", { status: operation === "job-done" ? (doneAnswers.shift() ?? 200) : 200 });
  };
  const env = readWorkerEnvironment(variables);
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  const queue = createQueueClient(env, { fetch: fakeFetch, wait });
  const running = runWorker({ env, handler, queue, signal: end.signal, concurrency: script.concurrency });
  await sleep(150);
  end.abort();
  await running;
  return {
    told: told.filter(({ path }) => !path.startsWith("ping")),
    waits,
    pings: told.filter(({ path }) => path.startsWith("ping")),
  };
}
const done = (id: string, isStream = false) => `job-done/w1/${id}?gpu=x&isStream=${isStream}`;

describe("runWorker", () => {
  it("takes a job, runs it and hands the result in", async () => {
    const { told, pings } = await serve(async (job) => ({ echo: job.input }), {
      jobs: [{ id: "j1", input: { a: 1 } }],
    });
    expect(told).toEqual([{ path: done("j1"), body: { output: { echo: { a: 1 } } } }]);
    expect(pings[0]?.path).toBe("ping/w1?gpu=x");
  });

  it.each<[string, unknown, unknown]>([
    ["nothing", undefined, { output: null }],
    ["an object with an error", { error: "x", detail: 7 }, { output: { detail: 7 }, error: "x" }],
    ["a list", [1, 2], { output: [1, 2] }],
  ])("a handler that returns %s", async (_name, value, body) => {
    const { told } = await serve(async () => value, { jobs: [{ id: "j1", input: {} }] });
    expect(told).toEqual([{ path: done("j1"), body }]);
  });

  it("describes what was thrown as runpod-python does, and a refusal in its own words", async () => {
    const thrown = await serve(() => Promise.reject(new TypeError("boom")), {
      jobs: [{ id: "j1", input: {} }],
    });
    expect(JSON.parse((thrown.told[0]!.body as { error: string }).error)).toEqual({
      ...{ error_type: "TypeError", error_message: "boom", error_traceback: expect.stringContaining("boom") },
      ...{ hostname: expect.any(String), worker_id: "w1", runpod_version: expect.any(String) },
    });
    const refused = await serve(() => Promise.reject(new HandlerRefusal("no")), {
      jobs: [{ id: "j1", input: {} }],
    });
    expect(refused.told[0]?.body).toEqual({ error: "no" });
  });

  it("streams what a generator yields; its return value stays", async () => {
    const handler: Handler = async function* () {
      yield "a";
      yield "b";
      return { all: "ab" };
    };
    const { told } = await serve(handler, { jobs: [{ id: "j1", input: {} }] });
    expect(told).toEqual([
      { path: "job-stream/w1/j1?gpu=x&isStream=false", body: { output: "a" } },
      { path: "job-stream/w1/j1?gpu=x&isStream=false", body: { output: "b" } },
      { path: done("j1", true), body: { output: { all: "ab" } } },
    ]);
  });

  it("never sends progress after the result", async () => {
    const handler: Handler = async (_job, { progress }) => {
      for (let n = 0; n < 50; n++) progress(n);
      return "end";
    };
    const { told } = await serve(handler, { jobs: [{ id: "j1", input: {} }] });
    expect(told.at(-1)?.body).toEqual({ output: "end" });
    expect(told.slice(0, -1)).toEqual([{ path: done("j1"), body: { status: "IN_PROGRESS", output: 0 } }]);
  });

  it.each<[string, number[], number, number[]]>([
    ["a 5xx is tried again", [500, 502, 200], 3, [2000, 3000]],
    ["but not for ever", Array(9).fill(500), 6, [2000, 3000, 5000, 10_000, 15_000]],
    ["a 4xx is final", [400, 200], 1, []],
  ])("%s", async (_name, answers, tries, pauses) => {
    const { told, waits } = await serve(async () => 1, { jobs: [{ id: "j1", input: {} }], done: answers });
    expect([told.length, waits]).toEqual([tries, pauses]);
  });

  it("hands nothing in for a job that was stopped", async () => {
    const handler: Handler = async (_job, { signal }) => {
      await sleep(5000, undefined, { signal });
      return "too late";
    };
    const stop = sleep(30).then(() => ["j1"]);
    const { told } = await serve(handler, { jobs: [{ id: "j1", input: {} }], stop });
    expect(told).toEqual([]);
  });

  it("takes as many at once as it has places, and one bad job does not cost the others", async () => {
    const jobs = [{ id: "j1", input: {} }, { id: "lost" }, { id: "j3", input: {} }];
    const { told } = await serve(async (job) => job.id, { jobs, concurrency: 4 });
    expect(told.map(({ body }) => body)).toEqual([{ output: "j1" }, { output: "j3" }]);
  });
});

it("names every variable that is missing or cannot work", () => {
  expect(() => readWorkerEnvironment({ RUNPOD_WEBHOOK_GET_JOB: `${base}/job-take/$ID` })).toThrow(
    /RUNPOD_WEBHOOK_GET_JOB must contain a '\?'.*RUNPOD_WEBHOOK_POST_OUTPUT is not set.*RUNPOD_AI_API_KEY is not set/,
  );
});
