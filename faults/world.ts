import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eq } from "drizzle-orm";
import pg from "pg";
import type { Upstream } from "@/bench/upstream/start";
import { type BundledRole, bundleRoles } from "@/faults/bundle";
import { type Check, checkRun } from "@/faults/check";
import { type Browser, signIn } from "@/faults/intents";
import { OWNER, STRANGER } from "@/faults/people";
import { type Env, freePort, type Program, startRole } from "@/faults/role";
import { db, pool } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { workspace } from "@/lib/db/tables/workspaces";
import { addEndpoint } from "@/lib/endpoints/service";
import { createAccount } from "@/lib/workspaces/accounts";
import { createWorkspace, ensureSetup } from "@/lib/workspaces/setup";

/** The settings that all processes of one installation share. */
export function settings(dataDir: string, port: number): Env {
  return {
    // Neither the test's own settings nor those of whoever runs it.
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    NODE_ENV: "test",
    NEXT_TELEMETRY_DISABLED: "1",
    PORT: String(port),
    HOST: "127.0.0.1",
    JOBDECK_DATA_DIR: dataDir,
    JOBDECK_INTERNAL_URL: `http://127.0.0.1:${port}`,
    JOBDECK_SECRET_KEY: randomBytes(32).toString("base64"),
    JOBDECK_ALLOW_PRIVATE_ADDRESSES: "127.0.0.0/8",
    JOBDECK_LOG_LEVEL: process.env.JOBDECK_LOG_LEVEL ?? "warn",
    JOBDECK_OWNER_EMAIL: OWNER.email,
    JOBDECK_OWNER_PASSWORD: OWNER.password,
  };
}

/** A directory of our own; `remove` removes exactly that. */
export function temporaryDirectory(): { dir: string; logFile: string; remove: () => void } {
  const dir = mkdtempSync(path.join(tmpdir(), "jobdeck-faults-"));
  // As root, PostgreSQL's own user must be able to pass through to its cluster.
  if (process.getuid?.() === 0) chmodSync(dir, 0o711);
  return {
    dir,
    logFile: path.join(dir, "processes.log"),
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/**
 * The owner's workspace with an endpoint that leads to the counting upstream, and a stranger's, through the product's own
 * services.
 */
export async function addUpstream(env: Env, upstream: Upstream): Promise<{ endpointId: string }> {
  Object.assign(process.env, env);
  try {
    await ensureSetup();
    const [person] = await db().select().from(user).where(eq(user.email, OWNER.email));
    const [place] = await db().select().from(workspace).where(eq(workspace.slug, "workspace"));
    if (!person || !place) throw new Error("the setup made no owner");
    await db().transaction(async (tx) => {
      const { slug, ...account } = STRANGER;
      await createWorkspace(tx, await createAccount(tx, { name: slug, ...account }), slug);
    });
    const { id } = await addEndpoint(
      { person, workspace: place, role: "owner" },
      {
        kind: "custom",
        name: "upstream",
        upstreamId: "ep1",
        apiKey: upstream.key,
        baseUrl: upstream.url,
      },
    );
    return { endpointId: id };
  } finally {
    await pool().end();
  }
}

/** Roles on one shared database, and whoever is signed in there. */
export type World = {
  env: Env;
  /** Of the first web process, which stays unless a test ends it. */
  url: string;
  endpointId: string;
  client: pg.Client;
  browser: Browser;
  start: (role: BundledRole, more?: Partial<Env>) => Promise<Program>;
  /** Settings with which a process's clock jumps through these offsets: see clock-jumps.ts. */
  clock: (minutes: readonly number[], everyMs: number) => Promise<Partial<Env>>;
  /** Everything that the processes wrote to stdout and stderr. */
  said: () => string;
  /** I1 to I6, for all that was ever submitted here. */
  check: Check;
  close: () => Promise<void>;
};

/**
 * A web process that stays, and nothing else yet. Its own address is where the upstream calls back.
 * @param processesUrl how the processes reach the database, where that is not how the test does
 */
export async function startWorld(
  databaseUrl: string,
  upstream: Upstream,
  processesUrl = databaseUrl,
): Promise<World> {
  const home = temporaryDirectory();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env: Env = { ...settings(home.dir, port), DATABASE_URL: processesUrl, JOBDECK_PUBLIC_URL: url };
  const programs: Program[] = [];
  const files = bundleRoles(home.dir);
  const client = new pg.Client({ connectionString: databaseUrl });
  const start: World["start"] = async (role, more = {}) => {
    const program = await startRole(role, (await files)[role], { ...env, ...more }, home.logFile);
    programs.push(program);
    return program;
  };
  const close = async () => {
    await Promise.all(programs.map((program) => program.end()));
    await client.end().catch(() => {});
    home.remove();
  };
  try {
    const { endpointId } = await addUpstream(env, upstream);
    await client.connect();
    await start("web");
    const browser = await signIn(url, OWNER);
    const said = () => readFileSync(home.logFile, "utf8");
    const masterKey = env.JOBDECK_SECRET_KEY;
    const check: Check = (...asked) =>
      checkRun({ client, url, browser, upstream, masterKey, said: said() }, ...asked);
    const clock: World["clock"] = async (minutes, everyMs) => ({
      NODE_OPTIONS: `--import=${(await files).clockJumps}`,
      FAULT_CLOCK_MINUTES: minutes.join(),
      FAULT_CLOCK_EVERY_MS: String(everyMs),
    });
    return { env, url, endpointId, client, browser, start, clock, said, check, close };
  } catch (error) {
    await close();
    throw error;
  }
}
