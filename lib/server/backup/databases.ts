import { existsSync } from "node:fs";
import path from "node:path";
import type { Env } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { prepareDataDir } from "@/lib/server/data-dir";
import { startPostgres } from "@/lib/server/postgres";
import { chosenHome } from "@/lib/server/postgres-cluster";
import { isRunning } from "@/lib/server/process-identity";
import { readState, stateFile } from "@/lib/server/run-state";

type Say = (line: string) => void;

/** Work on the database that Jobdeck uses, whether it runs or not. */
export async function withLiveDatabase<T>(
  settings: Env,
  say: Say,
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (settings.databaseUrl !== undefined) return work(settings.databaseUrl);
  const running = runningDatabase(settings.dataDir);
  if (running !== undefined) return work(running);
  requireCluster(settings.dataDir);
  return withRestingDatabase(settings, say, work);
}

/**
 * Work on the database while no other Jobdeck uses the data directory. Makes an embedded one where there is none.
 * @throws AppError `conflict` when another Jobdeck uses the data directory
 */
export async function withRestingDatabase<T>(
  settings: Env,
  say: Say,
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (settings.databaseUrl !== undefined) return work(settings.databaseUrl);
  await prepareDataDir(settings);
  const database = await startPostgres({ dataDir: settings.dataDir, note: say });
  try {
    return await work(database.url);
  } finally {
    await database.stop();
  }
}

/** @throws AppError `conflict` when nobody has started Jobdeck on this directory: reading must not make a database */
export function requireCluster(dataDir: string): void {
  if (!existsSync(path.join(chosenHome(dataDir), "postgres/PG_VERSION")))
    throw new AppError(
      "conflict",
      `There is no database in ${dataDir}. Set JOBDECK_DATA_DIR to the directory that Jobdeck uses, or DATABASE_URL to its database.`,
    );
}

/** The socket of the embedded database that a running Jobdeck has started. */
function runningDatabase(dataDir: string): string | undefined {
  const state = readState(stateFile(dataDir, false));
  if (!state || !isRunning(state.supervisor)) return undefined;
  if (state.databaseUrl === undefined)
    throw new AppError("conflict", "Jobdeck is just starting on this data directory. Try again in a moment.");
  return state.databaseUrl;
}
