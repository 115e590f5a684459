import { gzipSync } from "node:zlib";
import { Agent } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEndpointClient, parseRetryAfter, type RunOutcome } from "@/lib/upstream/client";
import { type Script, type ScriptedServer, says, scriptedServer } from "@/lib/upstream/testing";

const KEY = "rpa_planted-key-of-this-test";
const OUTPUT_CAP = 8 * 1024 * 1024;
const NOW = Date.UTC(2026, 0, 1);

let server: ScriptedServer;
let agent: Agent;

beforeAll(async () => {
  server = await scriptedServer();
  agent = new Agent();
});
beforeEach(() => {
  server.heard.length = 0;
});
afterAll(async () => {
  await agent.destroy();
  await server.close();
});

const client = (over: { baseUrl?: string; timeoutMs?: number; maxOutputBytes?: number } = {}) =>
  createEndpointClient({
    baseUrl: `${server.origin}/v2`,
    upstreamId: "ep1",
    apiKey: KEY,
    dispatcher: () => agent,
    maxOutputBytes: OUTPUT_CAP,
    now: () => NOW,
    ...over,
  });

const unclear = (words: RegExp, httpStatus: number | null = null) =>
  expect.objectContaining({ kind: "unclear", words: expect.stringMatching(words), httpStatus });

const resets: Script = (_request, response) => response.socket?.resetAndDestroy();
const resetsInTheMiddle: Script = (_request, response) => {
  response.writeHead(200, { "content-length": 100 });
  response.write('{"id":"job-1"', () => response.socket?.resetAndDestroy());
};
const truncates: Script = (_request, response) => {
  response.writeHead(200, { "content-length": 100 });
  response.write('{"id":"job-1"}', () => response.socket?.end());
};
const HTML = "<html><style>p{color:red}</style><h1>502 Bad\n Gateway</h1></html>";

describe("what an answer to /run means", () => {
  it.each<[name: string, script: Script, outcome: unknown]>([
    ["200 with an id is accepted", says(200, { id: "job-1" }), { kind: "accepted", upstreamId: "job-1" }],
    ["201 with a numeric id is accepted", says(201, { id: 17 }), { kind: "accepted", upstreamId: "17" }],
    ["200 without an id is unclear", says(200, { status: "IN_QUEUE" }), unclear(/no job id/, 200)],
    ["an empty object is unclear", says(200, {}), unclear(/no job id/, 200)],
    ["an empty id is unclear", says(200, { id: "" }), unclear(/no job id/, 200)],
    ["204 without a body is unclear", says(204, ""), unclear(/no job id/, 204)],
    ["a page of HTML with 200 is unclear", says(200, HTML), unclear(/no job id/, 200)],
    [
      "400 is rejected with the provider's words",
      says(400, { id: "job-1", status: "FAILED", error: "prompt is required" }),
      { kind: "rejected", httpStatus: 400, words: "prompt is required" },
    ],
    [
      "401 is a refused key",
      says(401, { error: "invalid key" }),
      { kind: "unauthorized", httpStatus: 401, words: "invalid key" },
    ],
    [
      "403 is a refused key",
      says(403, "no access"),
      { kind: "unauthorized", httpStatus: 403, words: "no access" },
    ],
    ["404 is rejected", says(404, ""), { kind: "rejected", httpStatus: 404, words: "HTTP 404" }],
    ["408 says nothing about what arrived", says(408, ""), unclear(/HTTP 408/, 408)],
    [
      "413 is rejected",
      says(413, { detail: "too big" }),
      { kind: "rejected", httpStatus: 413, words: "too big" },
    ],
    ["429 is later", says(429, ""), { kind: "throttled", retryAfterMs: null }],
    ["429 with seconds", says(429, "", { "retry-after": "7" }), { kind: "throttled", retryAfterMs: 7000 }],
    [
      "429 with a date",
      says(429, "", { "retry-after": new Date(NOW + 90_000).toUTCString() }),
      { kind: "throttled", retryAfterMs: 90_000 },
    ],
    ["500 is unclear", says(500, { error: "oops" }), unclear(/^oops$/, 500)],
    ["502 as HTML is unclear, without its markup", says(502, HTML), unclear(/^502 Bad Gateway$/, 502)],
    ["a reset before the answer is unclear", resets, unclear(/broke/)],
    ["a reset in the middle of the answer is unclear", resetsInTheMiddle, unclear(/broke/)],
    ["a truncated answer is unclear, even when it parses", truncates, unclear(/broke/)],
    ["a small answer that never ends is unclear", says(200, "x".repeat(3_000_000)), unclear(/2 MB/, 200)],
    [
      "gzip that nobody asked for is read",
      says(200, gzipSync('{"id":"job-1"}'), { "content-encoding": "gzip" }),
      { kind: "accepted", upstreamId: "job-1" },
    ],
    [
      "a small answer that unfolds to more than 2 MB is unclear",
      says(200, gzipSync("x".repeat(3_000_000)), { "content-encoding": "gzip" }),
      unclear(/2 MB/, 200),
    ],
    [
      "what says to be gzip and is not is unclear",
      says(200, '{"id":"job-1"}', { "content-encoding": "gzip" }),
      unclear(/broke \(Z_DATA_ERROR\)/),
    ],
    [
      "a coding that nobody knows is unclear",
      says(200, '{"id":"job-1"}', { "content-encoding": "squash" }),
      unclear(/unknown content coding "squash"/, 200),
    ],
  ])("%s", async (_name, script, outcome) => {
    server.script(script);
    expect(await client().run("{}")).toEqual(outcome);
    expect(server.heard.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /v2/ep1/run"]);
  });

  it("sends the body as it is spelled, with the key, once", async () => {
    server.script(says(200, { id: "job-1" }));
    const body = '{"input":{"a":1.0,"a":1e3 , "é":12345678901234567890}}';
    await client().run(body);
    expect(server.heard).toHaveLength(1);
    expect(server.heard[0]).toMatchObject({
      body,
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    });
  });

  it.each([301, 302, 303, 307, 308])(
    "a redirect by %i is not followed and does not get the key",
    async (status) => {
      const elsewhere = await scriptedServer(says(200, { id: "stolen" }));
      server.script(says(status, "", { location: `${elsewhere.origin}/v2/ep1/run` }));
      expect(await client().run("{}")).toEqual(unclear(/redirects/, status));
      expect(await client().status("job-1")).toEqual(unclear(/redirects/, status));
      expect(elsewhere.heard).toEqual([]);
      await elsewhere.close();
    },
  );

  it("nothing listening is unreachable: nothing was sent", async () => {
    const gone = await scriptedServer();
    await gone.close();
    expect(await client({ baseUrl: gone.origin }).run("{}")).toEqual({
      kind: "unreachable",
      refusedAddress: false,
      words: "No connection (ECONNREFUSED).",
    });
  });

  it("a name that does not exist is unreachable", async () => {
    const outcome = await client({ baseUrl: "http://nothing.invalid/v2" }).run("{}");
    expect(outcome).toMatchObject({ kind: "unreachable", refusedAddress: false });
  });

  it("no TLS where https was asked for is unreachable", async () => {
    const outcome = await client({ baseUrl: server.origin.replace("http:", "https:") }).run("{}");
    expect(outcome).toMatchObject({ kind: "unreachable", refusedAddress: false });
    expect(server.heard).toEqual([]);
  });

  it("silence is unclear when the time is over, before and in the middle of the answer", async () => {
    server.script(() => {});
    expect(await client({ timeoutMs: 150 }).run("{}")).toEqual(unclear(/No answer in time/));
    server.script((_request, response) => void response.writeHead(200).write('{"id":'));
    expect(await client({ timeoutMs: 150 }).run("{}")).toEqual(unclear(/No answer in time/));
    expect(server.heard).toHaveLength(2);
  });

  it("never says the key in its words", async () => {
    const said: RunOutcome[] = [];
    for (const script of [resets, says(500, { error: "oops" }), says(200, HTML)]) {
      server.script(script);
      said.push(await client().run("{}"));
    }
    expect(JSON.stringify(said)).not.toContain(KEY);
  });
});

describe("what an answer to /status means", () => {
  it.each<[name: string, script: Script, outcome: unknown]>([
    ["404 is missing", says(404, "<html>"), { kind: "missing" }],
    ["400 is unclear", says(400, { error: "bad" }), unclear(/^bad$/, 400)],
    ["429 is later", says(429, "", { "retry-after": "1" }), { kind: "throttled", retryAfterMs: 1000 }],
    ["401 is a refused key", says(401, ""), { kind: "unauthorized", httpStatus: 401, words: "" }],
    ["500 is unclear", says(500, ""), unclear(/HTTP 500/, 500)],
    ["HTML is unclear", says(200, HTML), unclear(/cannot be read/, 200)],
    ["nothing is unclear", says(200, ""), unclear(/cannot be read/, 200)],
    ["an empty object is unclear", says(200, "{}"), unclear(/lacks/, 200)],
    ["a list is unclear", says(200, "[]"), unclear(/cannot be read/, 200)],
    ["a status that is no word is unclear", says(200, '{"id":"a","status":7}'), unclear(/lacks/, 200)],
    ["a truncated job is unclear", truncates, unclear(/broke/)],
    [
      "gzip that nobody asked for is read",
      says(200, gzipSync('{"id":"a","status":"COMPLETED"}'), { "content-encoding": "gzip" }),
      { kind: "seen", fields: { id: "a", status: "COMPLETED" }, output: null },
    ],
    [
      "wrong optional fields are dropped, the job is not",
      says(200, '{"id":"a","status":"FAILED","delayTime":"x","retries":-1,"workerId":{},"error":{"a":1}}'),
      { kind: "seen", fields: { id: "a", status: "FAILED", error: '{"a":1}' }, output: null },
    ],
    [
      "NUL characters are replaced, because PostgreSQL cannot hold them",
      says(200, '{"id":"a","status":"FAILED","workerId":"w\\u0000","error":"x\\u0000y"}'),
      {
        kind: "seen",
        fields: { id: "a", status: "FAILED", workerId: "w\ufffd", error: "x\ufffdy" },
        output: null,
      },
    ],
  ])("%s", async (_name, script, outcome) => {
    server.script(script);
    expect(await client().status("job/1")).toEqual(outcome);
    expect(server.heard[0]?.path).toBe("/v2/ep1/status/job%2F1");
  });
});

describe("cancel, retry, health and stream", () => {
  it("cancel and retry post to the job and read what it says now", async () => {
    server.script(says(200, { id: "a", status: "CANCELLED" }));
    expect(await client().cancel("a")).toEqual({ kind: "done", fields: { id: "a", status: "CANCELLED" } });
    server.script(says(200, "ok"));
    expect(await client().retry("a")).toEqual({ kind: "done", fields: null });
    expect(server.heard.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v2/ep1/cancel/a",
      "POST /v2/ep1/retry/a",
    ]);
  });

  it.each<[name: string, script: Script, kind: string]>([
    ["404", says(404, ""), "missing"],
    ["400", says(400, ""), "rejected"],
    ["408", says(408, ""), "unclear"],
    ["429", says(429, ""), "throttled"],
    ["401", says(401, ""), "unauthorized"],
    ["500", says(500, ""), "unclear"],
    ["a reset", resets, "unclear"],
  ])("%s is no verdict on a cancel", async (_name, script, kind) => {
    server.script(script);
    expect(await client().cancel("a")).toMatchObject({ kind });
  });

  it.each<[name: string, script: Script, outcome: unknown]>([
    [
      "counters are health",
      says(200, { jobs: { inQueue: 2 }, workers: { idle: 1 } }),
      { kind: "healthy", jobs: { inQueue: 2 }, workers: { idle: 1 } },
    ],
    ["404 is a wrong id", says(404, ""), { kind: "missing" }],
    ["a page that is no endpoint is unclear", says(200, HTML), unclear(/not the health/, 200)],
    ["an object that is no endpoint is unclear", says(200, { ok: true }), unclear(/not the health/, 200)],
  ])("%s", async (_name, script, outcome) => {
    server.script(script);
    expect(await client().health()).toEqual(outcome);
  });

  it("stream hands out what was buffered, wrapped or bare", async () => {
    server.script(says(200, { status: "IN_PROGRESS", stream: [{ output: "a" }, { output: { b: 1 } }] }));
    expect(await client().stream("a")).toEqual({
      kind: "drained",
      status: "IN_PROGRESS",
      chunks: ['"a"', '{"b":1}'],
    });
    server.script(says(200, ["a", 2]));
    expect(await client().stream("a")).toMatchObject({ kind: "drained", chunks: ['"a"', "2"] });
    server.script(says(200, { status: "COMPLETED" }));
    expect(await client().stream("a")).toMatchObject({ kind: "unclear" });
  });
});

describe("Retry-After", () => {
  it.each<[name: string, value: string | string[] | undefined, ms: number | null]>([
    ["absent", undefined, null],
    ["empty", "", null],
    ["seconds", "3", 3000],
    ["seconds with blanks", " 3 ", 3000],
    ["parts of a second", "0.5", 500],
    ["no wait", "0", 0],
    ["a date in the past", new Date(NOW - 5000).toUTCString(), 0],
    ["a date to come", new Date(NOW + 5000).toUTCString(), 5000],
    ["more than 10 minutes", "86400", 600_000],
    ["nonsense", "soon", null],
    ["a negative number", "-1", 0],
    ["several", ["2", "9"], 2000],
  ])("%s", (_name, value, ms) => expect(parseRetryAfter(value, NOW)).toBe(ms));
});

describe("a hostile answer", () => {
  const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  it.each([
    ["unclosed tags", "<".repeat(1_500_000)],
    ["unclosed styles", "<style".repeat(250_000)],
    ["tags in tags", "<a ".repeat(500_000)],
    ["blanks", " ".repeat(1_500_000)],
  ])("of %s costs no more than reading it", async (_name, page) => {
    server.script(says(500, page));
    const before = process.cpuUsage();
    expect(await client().run("{}")).toMatchObject({ kind: "unclear", httpStatus: 500 });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2_000);
  });

  it("with an error that is too deep to be written still ends the job", async () => {
    server.script(says(200, `{"id":"job-1","status":"FAILED","error":${deep(50_000)}}`));
    expect(await client().status("job-1")).toMatchObject({
      kind: "seen",
      fields: { status: "FAILED", error: expect.stringMatching(/nested/) },
    });
  });

  it("with a piece that is too deep keeps the others", async () => {
    server.script(says(200, `{"status":"COMPLETED","stream":[{"output":"a"},{"output":${deep(50_000)}}]}`));
    expect(await client().stream("job-1")).toEqual({
      kind: "drained",
      status: "COMPLETED",
      chunks: ['"a"', expect.stringMatching(/^".*nested.*"$/)],
    });
  });

  it.each([400, 401, 500])("that echoes secrets with %i has them covered in its words", async (status) => {
    const secret = 'planted "s3" secret';
    server.script((request, response) =>
      says(status, { detail: [{ input: JSON.parse(request.body), got: request.headers.authorization }] })(
        request,
        response,
      ),
    );
    const outcome = await client().run(JSON.stringify({ s3Config: { accessSecret: secret } }), [secret]);
    expect(outcome).toHaveProperty("words", expect.stringContaining("accessSecret"));
    expect(JSON.stringify(outcome)).not.toMatch(/planted/);
  });
});
