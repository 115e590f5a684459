import http, { type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestDatabase } from "@/lib/db/testing";
import { openTestDatabase } from "@/lib/jobs/testing";
import { createWebServer } from "@/lib/server/http/server";

let database: TestDatabase;
let server: Server;
let port: number;
/** Requests that reached the pages. */
const pages: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ JOBDECK_TRUSTED_PROXIES: "" });
  server = await createWebServer({
    dev: false,
    pages: () => ({
      handle: async (request, response) => {
        pages.push({ url: request.url ?? "", headers: request.headers, body: await text(request) });
        response.end("<html>page</html>");
      },
    }),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => {
  pages.length = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await database.close();
});

type Answer = { status: number; headers: Record<string, string>; body: string };

/** Send bytes as they are: no client would let these pass. */
function raw(lines: string[], body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`));
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", ...rest] = Buffer.concat(chunks).toString().split("\r\n\r\n");
      const [first = "", ...named] = head.split("\r\n");
      resolve({
        status: Number(first.split(" ")[1]),
        headers: Object.fromEntries(named.map((line) => line.toLowerCase().split(": ", 2))),
        body: rest.join("\r\n\r\n"),
      });
    });
  });
}
const ask = (first: string, headers: string[] = [], body = "") =>
  raw([`${first} HTTP/1.1`, `host: localhost:${port}`, "connection: close", ...headers], body);
const ours = () => `origin: http://localhost:${port}`;

describe("what the front lets through", () => {
  it.each([
    ["absolute-form", "GET http://elsewhere.example/"],
    ["absolute-form to ourselves", "GET http://localhost/healthz"],
    ["another host in the path", "GET //evil.example/"],
    ["the same with a backslash", "GET /\\evil.example/"],
    ["a backslash later", "GET /a\\..\\b"],
    ["an asterisk", "OPTIONS *"],
    ["no path", "GET ?x"],
    ["no text", "GET /%ff"],
    ["half a percent sign", "GET /api/w/%4/jobs"],
    ["a NUL", "GET /api/w/%00/jobs"],
  ])("not a request target in %s", async (_name, first) => {
    const { status, headers } = await ask(first);
    expect(status).toBe(400);
    expect(headers.connection).toBe("close");
    expect(pages).toEqual([]);
  });

  it("not an authority in CONNECT", async () => {
    expect((await ask("CONNECT evil.example:443")).status).not.toBe(200);
    expect(pages).toEqual([]);
  });

  it.each(["websocket", "h2c"])("not an upgrade to %s", async (protocol) => {
    const answer = await raw([
      "GET /_next/webpack-hmr HTTP/1.1",
      `host: localhost:${port}`,
      "connection: upgrade",
      `upgrade: ${protocol}`,
    ]);
    expect(answer.status).toBe(400);
    expect(pages).toEqual([]);
  });

  it("not what is no HTTP", async () => expect((await raw(["hello"])).status).toBe(400));

  it("not two lengths, with which requests are smuggled", async () => {
    const two = ["content-length: 5", "transfer-encoding: chunked", ours()];
    expect((await ask("POST /sign-in", two, "0\r\n\r\n")).status).toBe(400);
    expect(pages).toEqual([]);
  });

  it("pages, with their query", async () => {
    const { status, body } = await ask("GET /w/jobs?state=FAILED");
    expect(status).toBe(200);
    expect(body).toContain("page");
    expect(pages.map((page) => page.url)).toEqual(["/w/jobs?state=FAILED"]);
  });
});

describe("a write", () => {
  const write = (path: string, headers: string[]) =>
    ask(`POST ${path}`, ["content-length: 2", ...headers], "{}");

  it.each([
    ["a page", "/w/jobs"],
    ["signing in", "/api/auth/sign-in/email"],
    ["the API", "/api/w/ours/jobs"],
    ["health", "/healthz"],
  ])("to %s without our Origin is refused", async (_name, path) => {
    for (const headers of [[], ["origin: null"], ["origin: https://evil.example"]]) {
      const { status, body } = await write(path, headers);
      expect(status).toBe(403);
      expect(JSON.parse(body).error.code).toBe("forbidden");
    }
    expect(pages).toEqual([]);
  });

  it("cannot borrow a host by X-Forwarded-Host", async () => {
    const { status } = await write("/w/jobs", [
      "origin: https://evil.example",
      "x-forwarded-host: evil.example",
    ]);
    expect(status).toBe(403);
  });

  it.each(["PUT", "PATCH", "DELETE", "PURGE"])("by %s counts as one", async (method) => {
    expect((await ask(`${method} /w/jobs`, ["content-length: 0"])).status).toBe(403);
  });

  it("of our pages reaches them", async () => {
    expect((await write("/w/jobs", [ours()])).status).toBe(200);
    expect(pages[0]?.body).toBe("{}");
  });

  it.each([
    ["webhooks", "/hooks/nothing", 404],
    ["local endpoints", "/local/v2/nothing/run", 401],
  ])("of machines to %s needs no Origin: they bring no cookies", async (_name, path, status) => {
    expect((await write(path, [])).status).toBe(status);
  });

  it("without a length is refused before anything reads it", async () => {
    const answer = await ask("POST /w/jobs", [ours(), "transfer-encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n");
    expect(answer.status).toBe(411);
    expect(pages).toEqual([]);
  });

  it("of more than 12 MB is refused before anything reads it", async () => {
    const answer = await ask("POST /w/jobs", [ours(), `content-length: ${12 * 1024 * 1024 + 1}`]);
    expect(answer.status).toBe(413);
    expect(pages).toEqual([]);
  });

  it.each([
    ["without a cookie", []],
    ["with a cookie of their own making", ["cookie: jobdeck.session_token=x.y"]],
  ])("of a stranger %s is refused from 64 kB on", async (_name, cookie) => {
    const answer = await ask("POST /sign-in", [ours(), ...cookie, `content-length: ${64 * 1024 + 1}`]);
    expect(answer.status).toBe(413);
    expect(pages).toEqual([]);
  });

  it("of a stranger to the API is not collected: it may be endless", async () => {
    const chunked = [ours(), "content-type: application/json", "transfer-encoding: chunked"];
    // The first piece only; the rest never comes.
    const piece = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    expect((await ask("POST /api/w/ours/jobs", chunked, piece)).status).toBe(401);
    expect((await ask("POST /api/auth/sign-in/email", chunked, piece)).status).toBe(413);
  });

  it("of more than the API takes is refused there", async () => {
    const answer = await ask("POST /api/auth/sign-in/email", [
      ours(),
      "content-length: 99999999999999999999",
    ]);
    expect(answer.status).toBe(400);
  });
});

describe("the headers", () => {
  it.each([
    ["a page", "GET /w/jobs"],
    ["a machine path", "GET /healthz"],
    ["an unknown machine path", "GET /api/nothing"],
    ["a refusal", "GET //x"],
  ])("of %s keep it out of caches and other sites", async (_name, first) => {
    const { headers } = await ask(first);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers).not.toHaveProperty("x-powered-by");
  });

  it("of a page keep it out of frames, and its address out of other sites", async () => {
    expect((await ask("GET /setup/token")).headers).toMatchObject({
      "x-frame-options": "deny",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
    });
  });

  it("of a page carry a policy with a fresh nonce, which the page knows, too", async () => {
    const nonces: string[] = [];
    for (let i = 0; i < 2; i++) {
      const response = await fetch(`http://127.0.0.1:${port}/w/jobs`);
      await response.text();
      const policy = response.headers.get("content-security-policy") ?? "";
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
      expect(pages[i]?.headers).toMatchObject({ "x-nonce": nonce, "content-security-policy": policy });
      nonces.push(nonce);
    }
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(nonces[0]).toHaveLength(24);
  });

  it("cannot be claimed from outside", async () => {
    await ask("GET /w/jobs", [
      "x-nonce: planted",
      "content-security-policy: planted",
      "x-jobdeck-client-address: 6.6.6.6",
      "x-forwarded-for: 6.6.6.6",
      "x-forwarded-proto: https",
      "forwarded: for=6.6.6.6",
    ]);
    const seen = pages[0]!.headers;
    expect(seen["x-jobdeck-client-address"]).toBe("127.0.0.1");
    expect(seen["x-nonce"]).not.toBe("planted");
    expect(JSON.stringify(seen)).not.toMatch(/6\.6\.6\.6|planted|x-forwarded/);
  });

  it("let built files be cached, because their names change with them", async () => {
    expect((await ask("GET /_next/static/chunk-abc.js")).headers).not.toHaveProperty("cache-control");
  });
});

describe("the machine paths", () => {
  it("tell that the server is alive, and that it is not ready without a collector", async () => {
    expect((await ask("GET /healthz")).status).toBe(200);
    const { status, body } = await ask("GET /readyz");
    expect(status).toBe(503);
    expect(JSON.parse(body.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, ""))).toMatchObject({
      checks: { database: true, migrations: true, collector: false },
    });
  });

  it.each(["/api/auth/sign-up/email", "/api/auth/get-session", "/api/auth/list-sessions"])(
    "do not show %s of the sign-in library",
    async (path) => {
      expect((await ask(`POST ${path}`, [ours(), "content-length: 2"], "{}")).status).toBe(404);
    },
  );

  it("are not reached under another spelling, past the front's rules", async () => {
    for (const path of ["/API/w/ours/jobs", "/%61pi/w/ours/jobs", "/hooks", "/x/../api"])
      await ask(`GET ${path}`);
    // `..` is resolved to decide, so the last one is a machine's; the others are pages that do not exist.
    expect(pages.map((page) => page.url)).not.toContain("/api/w/ours/jobs");
  });

  it("refuse what a stranger asks of the API", async () => {
    const { status, body } = await ask("GET /api/w/ours/jobs");
    expect(status).toBe(401);
    expect(body).toContain("unauthenticated");
  });
});

it("a client that hangs up in the middle leaves the server alive", async () => {
  await new Promise<void>((resolve) => {
    const request = http.request({
      port,
      host: "127.0.0.1",
      method: "POST",
      path: "/w/jobs",
      headers: { "content-length": 100 },
    });
    request.on("error", () => resolve());
    request.write("x", () => request.destroy());
  });
  expect((await ask("GET /healthz")).status).toBe(200);
});
