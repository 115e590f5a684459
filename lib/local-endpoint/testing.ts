import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { sql } from "drizzle-orm";
import { Hono } from "hono";
import { workspace } from "@/lib/db/tables/workspaces";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { newId } from "@/lib/kernel/ids";
import type { LocalEndpointDeps } from "@/lib/local-endpoint/deps";
import { LOCAL_BASE_PATH, localEndpointApp } from "@/lib/local-endpoint/http";
import { createRateLimit, type RateLimit } from "@/lib/local-endpoint/rate-limit";
import { createWakeHub, type WakeHub } from "@/lib/local-endpoint/wake";
import { createEnvelope, type Envelope } from "@/lib/secrets/envelope";

export type TestEndpoint = {
  workspaceId: string;
  id: string;
  name: string;
  apiKey: string;
  workerKey: string;
  /** A request with the API key; the path begins behind the endpoint's name. */
  api: (
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<{ status: number; body: unknown; text: string }>;
  /** A request with the worker key, raw as workers send it. */
  worker: (
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<{ status: number; body: unknown; text: string }>;
};

export type TestQueue = {
  database: TestDatabase;
  origin: string;
  hub: WakeHub;
  vault: Envelope;
  endpoint: (options?: {
    name?: string;
    handler?: "sample-text" | "sample-image" | null;
  }) => Promise<TestEndpoint>;
  query: <T extends Record<string, unknown>>(statement: ReturnType<typeof sql>) => Promise<T[]>;
  close: () => Promise<void>;
};

/** The local endpoint's HTTP face on a loopback port over a database of its own. Sets the process's environment. */
export async function testQueue(options: { limit?: RateLimit } = {}): Promise<TestQueue> {
  const database = await testDatabase();
  const app = new Hono();
  const server: Server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  process.env.DATABASE_URL = database.url;
  process.env.JOBDECK_SECRET_KEY = randomBytes(32).toString("base64");
  process.env.JOBDECK_INTERNAL_URL = origin;
  process.env.JOBDECK_ALLOW_PRIVATE_ADDRESSES = "127.0.0.0/8";
  const vault = createEnvelope(new Map([[1, Buffer.from(process.env.JOBDECK_SECRET_KEY, "base64")]]));
  const hub = createWakeHub(() => database.url);
  const limit = options.limit ?? createRateLimit();
  const deps: LocalEndpointDeps = {
    db: () => database.db,
    hub: () => hub,
    vault: () => vault,
    limit: () => limit,
  };
  app.route(LOCAL_BASE_PATH, localEndpointApp(deps));
  const { createLocalEndpoint } = await import("@/lib/local-endpoint/service");

  const caller =
    (name: string, authorization: string): TestEndpoint["api"] =>
    async (method, path, body) => {
      const response = await fetch(`${origin}${LOCAL_BASE_PATH}/${name}${path}`, {
        method,
        headers: { authorization },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text), text };
    };

  return {
    database,
    origin,
    hub,
    vault,
    async endpoint({ name = `ep-${randomBytes(3).toString("hex")}`, handler = null } = {}) {
      const workspaceId = newId();
      await database.db.insert(workspace).values({ id: workspaceId, slug: workspaceId, name: "Test" });
      const made = await database.db.transaction((tx) =>
        createLocalEndpoint(tx, { workspaceId, name, handler }),
      );
      const { id, apiKey, workerKey } = made;
      return {
        ...{ workspaceId, id, name, apiKey, workerKey },
        api: caller(name, `Bearer ${apiKey}`),
        worker: caller(name, workerKey),
      };
    },
    async query<T extends Record<string, unknown>>(statement: ReturnType<typeof sql>) {
      return (await database.db.execute(statement)).rows as T[];
    },
    async close() {
      await hub.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const { pool } = await import("@/lib/db/client");
      await pool().end();
      await database.close();
    },
  };
}

/** Ask until the answer is what a test waits for. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false>,
  timeoutMs = 40_000,
): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > until) throw new Error(`not so within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
