import { readFileSync } from "node:fs";
import path from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as drizzleMigrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { AppError } from "@/lib/kernel/errors";

export const MIGRATIONS_FOLDER = path.join(import.meta.dirname, "migrations");
/** Any constant: every Jobdeck process that migrates queues on this advisory lock. */
export const MIGRATION_LOCK = 7_362_001;

type Journal = { entries: { when: number; tag: string }[] };
const journal = (): Journal =>
  JSON.parse(readFileSync(path.join(MIGRATIONS_FOLDER, "meta/_journal.json"), "utf8"));

async function appliedMigrations(client: pg.ClientBase): Promise<number[]> {
  const table = await client.query("select to_regclass('drizzle.__drizzle_migrations') as name");
  if (!table.rows[0].name) return [];
  const rows = await client.query("select created_at from drizzle.__drizzle_migrations order by created_at");
  return rows.rows.map((r) => Number(r.created_at));
}

export type MigrationState = "current" | "behind" | "ahead";

/** `ahead`: the database holds a migration that this program does not know. */
export async function migrationState(client: pg.ClientBase): Promise<MigrationState> {
  const applied = await appliedMigrations(client);
  const known = journal().entries.map((e) => e.when);
  if (applied.some((when) => !known.includes(when))) return "ahead";
  return applied.length < known.length ? "behind" : "current";
}

/**
 * Bring the database to this program's schema. Atomic (one transaction), single (a session advisory lock: two at once
 * run one after the other), and refuses a database that a newer program has migrated.
 * @throws AppError("conflict") when the database is newer than the program.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "jobdeck-migrate" });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const state = await migrationState(client);
    if (state === "ahead")
      throw new AppError(
        "conflict",
        "This database was migrated by a newer Jobdeck than this one. Start the newer version, or restore a backup made before the upgrade.",
      );
    if (state === "behind") await drizzleMigrate(drizzle(client), { migrationsFolder: MIGRATIONS_FOLDER });
  } finally {
    await client.end();
  }
}
