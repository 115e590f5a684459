import { rmSync } from "node:fs";
import path from "node:path";
import { migrate } from "@/lib/db/migrate";
import { type Env, localOrigin } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { prepareDataDir } from "@/lib/server/data-dir";
import type { KeptProcess } from "@/lib/server/keep-running";
import { type EmbeddedPostgres, startPostgres } from "@/lib/server/postgres";
import { startRole } from "@/lib/server/role-process";
import { type Pids, type RoleName, stateFile, writeState } from "@/lib/server/run-state";
import { secretKeyFor } from "@/lib/server/secret-key";

export type SuperviseOptions = {
  settings: Env;
  roles: readonly RoleName[];
  dev: boolean;
  /** Fires when everything shall stop. */
  signal: AbortSignal;
  /** A line for the person at the terminal. */
  say: (line: string) => void;
  /** The program of a role, and what makes the first owner: others in tests, which have no built pages. */
  roleFile?: (role: RoleName) => string;
  setup?: () => Promise<{ setupToken?: string }>;
};

/** Start what is missing, keep it running until the signal fires, stop it in order: the roles, then the database. */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { settings, roles, signal, say, roleFile = productRole, setup = productSetup } = options;
  const started = new Map<RoleName, KeptProcess>();
  const url = settings.publicUrl ?? localOrigin(settings.host, settings.port);
  const file = stateFile(settings.dataDir, settings.databaseUrl !== undefined);
  const startedAt = new Date().toISOString();
  let database: EmbeddedPostgres | undefined;
  const recordState = (): void => {
    const pids: Pids = [["postgres", database?.pid()]];
    for (const [role, kept] of started) pids.push([role, kept.pid()]);
    writeState(file, { startedAt, port: settings.port, url, databaseUrl: database?.url }, pids);
  };

  await prepareDataDir(settings);
  try {
    if (settings.databaseUrl === undefined)
      database = await startPostgres({ dataDir: settings.dataDir, note: say, onChange: recordState });
    recordState();
    signal.throwIfAborted();
    const databaseUrl = settings.databaseUrl ?? database!.url;
    await migrate(databaseUrl);
    signal.throwIfAborted();
    const secretKey = await secretKeyFor(databaseUrl, settings.dataDir, settings.secretKey);
    const env = childEnv(settings, databaseUrl, secretKey, options.dev);
    // The setup reads the settings of its process, and this process has the complete ones only now.
    Object.assign(process.env, env);
    const setupToken = roles.includes("web") ? (await setup()).setupToken : undefined;
    signal.throwIfAborted();

    for (const role of roles) started.set(role, startRole(role, roleFile(role), env, recordState));
    await untilAborted(signal, Promise.all([...started.values()].map((kept) => kept.ready)));
    signal.throwIfAborted();
    if (roles.includes("web")) say(`Jobdeck is ready: ${url}`);
    else say("The collector is ready.");
    if (setupToken) say(`First run: create the owner at ${url}/setup?token=${setupToken}`);
    await untilAborted(signal, new Promise(() => {}));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all([...started.values()].map((kept) => kept.stop()));
    await database?.stop();
    rmSync(file, { force: true });
  }
}

function childEnv(settings: Env, databaseUrl: string, secretKey: Buffer, dev: boolean): NodeJS.ProcessEnv {
  // The owner is made here; the roles have no use for the password.
  const { JOBDECK_OWNER_EMAIL: _email, JOBDECK_OWNER_PASSWORD: _password, ...rest } = process.env;
  return {
    ...rest,
    NODE_ENV: dev ? "development" : "production",
    PORT: String(settings.port),
    HOST: settings.host,
    JOBDECK_DATA_DIR: settings.dataDir,
    JOBDECK_INTERNAL_URL: settings.internalUrl,
    JOBDECK_SECRET_KEY: secretKey.toString("base64"),
    DATABASE_URL: databaseUrl,
  };
}

const productRole = (role: RoleName): string => path.join(import.meta.dirname, "roles", `${role}.ts`);

/** Creates the owner from the settings, or answers the token of the setup link while there is nobody yet. */
async function productSetup(): Promise<{ setupToken?: string }> {
  const [{ ensureSetup }, { pool }] = await Promise.all([
    import("@/lib/workspaces/setup"),
    import("@/lib/db/client"),
  ]);
  try {
    return await ensureSetup();
  } finally {
    await pool().end();
  }
}

function untilAborted(signal: AbortSignal, work: Promise<unknown>): Promise<unknown> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return Promise.race([work, aborted]);
}

/** One role by itself works on a database that is shared, and the embedded one belongs to one supervisor. */
export function requireSharedDatabase({ databaseUrl }: Env, role: RoleName): void {
  if (databaseUrl === undefined)
    throw new AppError(
      "invalid",
      `A single role needs a PostgreSQL that it shares with the others. Set DATABASE_URL, or run \`jobdeck start\` without --role ${role}.`,
    );
}
