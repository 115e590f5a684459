import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Env } from "@/lib/kernel/env";
import { lockDirectory } from "@/lib/server/data-lock";
import { stopOrphans } from "@/lib/server/run-state";

/**
 * Make the data directory ours. The embedded database lives in it, so only one Jobdeck may use it; with DATABASE_URL
 * several may.
 * @throws AppError `conflict` when another Jobdeck uses it
 */
export async function prepareDataDir({ dataDir, databaseUrl }: Env): Promise<void> {
  // As root, PostgreSQL's own user passes through it to its cluster; what is private in it has a mode of its own.
  mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  if (databaseUrl === undefined) await lockDirectory(path.join(dataDir, "run"));
  await stopOrphans(dataDir);
}
