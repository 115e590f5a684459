import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pool } from "@/lib/db/client";
import { migrate } from "@/lib/db/migrate";
import { startPostgres } from "@/lib/server/postgres";

/** The product's own embedded PostgreSQL (fsync on) with its schema, in a directory of its own. */
export async function benchCluster(): Promise<{ url: string; dataDir: string; stop: () => Promise<void> }> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "jobdeck-bench-"));
  // As root, PostgreSQL's own user must be able to pass through; otherwise the cluster would be kept elsewhere.
  if (process.getuid?.() === 0) chmodSync(dataDir, 0o711);
  const postgres = await startPostgres({ dataDir, note: (line) => void process.stderr.write(`${line}\n`) });
  try {
    await migrate(postgres.url);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return {
    url: postgres.url,
    dataDir,
    async stop() {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * A {@link benchCluster} for the life of one benchmark, and this process set up as one of the product's roles on it. Only
 * one at a time: the product's pool is process-wide.
 */
export async function benchDatabase(): Promise<{ url: string; close: () => Promise<void> }> {
  const { url, dataDir, stop } = await benchCluster();
  Object.assign(process.env, {
    DATABASE_URL: url,
    JOBDECK_DATA_DIR: dataDir,
    JOBDECK_SECRET_KEY: randomBytes(32).toString("base64"),
    JOBDECK_ALLOW_PRIVATE_ADDRESSES: "127.0.0.1",
    JOBDECK_LOG_LEVEL: process.env.JOBDECK_LOG_LEVEL ?? "warn",
  });
  return {
    url,
    async close() {
      await pool().end();
      await stop();
    },
  };
}
