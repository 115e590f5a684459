import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { z } from "zod";
import { freePort, ROOT, type ServerProcess, startServer } from "@/bench/server-process";

export const PRODUCT_COMMAND = [path.join(ROOT, "bin/jobdeck.mjs"), "start"] as const;
/** Long enough for building the pages. */
export const BUILD_LIMIT_MS = 600_000;

const OWNER = { email: "owner@example.com", password: "a long enough password" };

/** A fresh data directory whose first start makes an owner and a workspace. */
export function productHome(): { env: Record<string, string>; dataDir: string; remove: () => void } {
  const dataDir = mkdtempSync(path.join(tmpdir(), "jobdeck-bench-"));
  // As root, PostgreSQL's own user must be able to pass through.
  if (process.getuid?.() === 0) chmodSync(dataDir, 0o711);
  return {
    dataDir,
    env: {
      JOBDECK_DATA_DIR: dataDir,
      JOBDECK_OWNER_EMAIL: OWNER.email,
      JOBDECK_OWNER_PASSWORD: OWNER.password,
      JOBDECK_LOG_LEVEL: "warn",
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }),
  };
}

export type SignedIn = {
  server: ServerProcess;
  dataDir: string;
  /** The same command again, after everything of it was killed. Resolves at once; `get` answers when it can. */
  startAgain: () => void;
  cookie: string;
  /** `/api/w/{workspace}` */
  api: string;
  get: <T extends z.ZodType>(path: string, schema: T) => Promise<z.output<T>>;
  post: (path: string, body: unknown) => Promise<void>;
  stop: () => Promise<void>;
};

/** The whole product as people start it, and its owner's session. */
export async function startProduct(settings: Record<string, string> = {}): Promise<SignedIn> {
  const home = productHome();
  const how = {
    command: PRODUCT_COMMAND,
    env: { ...home.env, ...settings },
    port: await freePort(),
    limitMs: BUILD_LIMIT_MS,
  };
  const server = await startServer(how);
  let latest: Promise<ServerProcess> = Promise.resolve(server);
  const stop = async () => {
    await (await latest).stop();
    home.remove();
  };
  try {
    const { url } = server;
    const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { origin: url, "content-type": "application/json" },
      body: JSON.stringify(OWNER),
    });
    if (!signIn.ok) throw new Error(`sign-in answered ${signIn.status}`);
    const cookie = signIn.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const front = await fetch(url, { headers: { cookie } });
    const slug = new URL(front.url).pathname.split("/")[1];
    const api = `/api/w/${slug}`;
    const answerOf = async (response: Response) => {
      if (!response.ok)
        throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
      return response.json();
    };
    return {
      server,
      dataDir: home.dataDir,
      startAgain: () => {
        latest = startServer(how);
        latest.catch(() => {}); // told by stop()
      },
      cookie,
      api,
      get: async (tail, schema) =>
        schema.parse(await answerOf(await fetch(`${url}${api}${tail}`, { headers: { cookie } }))),
      post: async (tail, body) => {
        const headers = { cookie, origin: url, "content-type": "application/json" };
        await answerOf(
          await fetch(`${url}${api}${tail}`, { method: "POST", headers, body: JSON.stringify(body) }),
        );
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
