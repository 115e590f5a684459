import { readMigrationFiles } from "drizzle-orm/migrator";
import type pg from "pg";
import { MIGRATIONS_FOLDER } from "@/lib/db/migrate";
import { AppError } from "@/lib/kernel/errors";
import { MIGRATIONS, qualified } from "@/lib/server/backup/tables";

type Migration = { at: number; hash: string; statements: string[] };

/** This program's migrations: those that a dump's database had, and those that came later. */
export type SchemaSteps = { before: Migration[]; after: Migration[] };

/**
 * @param applied the migrations of the dump's database, oldest first
 * @throws AppError `conflict` when this program does not know them
 */
export function schemaSteps(applied: readonly number[], jobdeck: string): SchemaSteps {
  const known = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map(
    ({ folderMillis, hash, sql }): Migration => ({ at: folderMillis, hash, statements: sql }),
  );
  const before = known.slice(0, applied.length);
  if (applied.some((at, index) => before[index]?.at !== at))
    throw new AppError(
      "conflict",
      `The data comes from Jobdeck ${jobdeck} with a schema that this version does not know, most likely because that one is newer. Use that version, or a newer one.`,
    );
  return { before, after: known.slice(applied.length) };
}

/** What drizzle's migrator does first, inside our own transaction; the rows come with the data. */
export async function createMigrationTable(client: pg.ClientBase): Promise<void> {
  await client.query(`create schema if not exists ${MIGRATIONS.schema}`);
  await client.query(
    `create table ${qualified(MIGRATIONS)} (id serial primary key, hash text not null, created_at bigint)`,
  );
}

/** drizzle's migrator commits by itself, so it cannot be a part of a larger transaction. */
export async function applyMigrations(
  client: pg.ClientBase,
  migrations: readonly Migration[],
  record: "record" | "comes with the data",
): Promise<void> {
  for (const { at, hash, statements } of migrations) {
    for (const statement of statements) await client.query(statement);
    if (record === "record")
      await client.query(`insert into ${qualified(MIGRATIONS)} (hash, created_at) values ($1, $2)`, [
        hash,
        at,
      ]);
  }
}
