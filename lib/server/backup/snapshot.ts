import type pg from "pg";
import { type MigrationState, migrationState } from "@/lib/db/migrate";
import { AppError } from "@/lib/kernel/errors";
import { copyOut } from "@/lib/server/backup/copy";
import { type Count, type Dump, FORMAT, type Head, nameOf, type Section } from "@/lib/server/backup/manifest";
import { metered, RowMeter } from "@/lib/server/backup/row-meter";
import { type LiveTable, MIGRATIONS, qualified, readSequences, readTables } from "@/lib/server/backup/tables";
import { FINGERPRINT } from "@/lib/server/secret-key";
import { productVersion } from "@/lib/server/version";

type Options = {
  /** Nobody may write until the connection ends: what is read is then not only consistent but final. */
  freeze: boolean;
  /** Hears of each table's progress. */
  onChunk?: (table: string, meter: RowMeter) => void;
  onTable?: (count: Count, meter: RowMeter) => void;
};

/**
 * All rows as of one moment, while others go on writing. The connection is in a transaction afterwards and serves for
 * nothing else; ending it ends the snapshot.
 * @throws AppError `conflict` when this database holds no Jobdeck, a newer one, or one that is being migrated right now
 */
export async function openSnapshot(client: pg.ClientBase, options: Options): Promise<Dump> {
  refuseState(await migrationState(client));
  const before = await readTables(client);
  if (!before.some(({ schema }) => schema === MIGRATIONS.schema))
    throw new AppError("conflict", "There is nothing to copy: no Jobdeck has used this database yet.");
  await client.query("begin isolation level repeatable read read only");
  // Locks first: they wait for a migration that is at work, and the snapshot is taken by the first query after them.
  const mode = options.freeze ? "share" : "access share";
  await client.query(`lock table ${before.map(qualified).join(", ")} in ${mode} mode`);
  const tables = await readTables(client);
  if (JSON.stringify(tables) !== JSON.stringify(before))
    throw new AppError("conflict", "The database was migrated at this very moment. Try again.");
  return dump(client, await readHead(client, tables), tables, options);
}

function refuseState(state: MigrationState): void {
  if (state === "ahead")
    throw new AppError(
      "conflict",
      "This database was migrated by a newer Jobdeck than this one. Use that version's command.",
    );
}

async function readHead(client: pg.ClientBase, tables: readonly LiveTable[]): Promise<Head> {
  const migrations = await client.query<{ at: string }>(
    `select created_at::text as at from ${qualified(MIGRATIONS)} order by created_at`,
  );
  const key = await client.query<{ value: string }>("select value from install where key = $1", [
    FINGERPRINT,
  ]);
  const now = await client.query<{ now: Date }>("select now()");
  const sequences = await readSequences(client);
  return {
    format: FORMAT,
    jobdeck: productVersion(),
    createdAt: now.rows[0]!.now.toISOString(),
    migrations: migrations.rows.map(({ at }) => Number(at)),
    secretKeyFingerprint: key.rows[0]?.value ?? null,
    tables: tables.map(({ schema, name, columns }) => ({ schema, name, columns })),
    sequences: Object.fromEntries(
      sequences.flatMap(({ sequence, last }) => (last === null ? [] : [[sequence, last]])),
    ),
  };
}

function dump(client: pg.ClientBase, head: Head, tables: readonly LiveTable[], options: Options): Dump {
  const counts: Count[] = [];
  async function* sections(): AsyncGenerator<Section> {
    for (const table of tables) {
      const meter = new RowMeter();
      const onChunk = (): void => options.onChunk?.(nameOf(table), meter);
      yield { table, rows: metered(copyOut(client, table), meter, onChunk) };
      const count = meter.total(table);
      options.onTable?.(count, meter);
      counts.push(count);
    }
  }
  return { head, sections, totals: () => counts };
}

/** What a database holds in these tables now, counted and hashed as a dump's maker does it. */
export async function countTables(client: pg.ClientBase, tables: readonly LiveTable[]): Promise<Count[]> {
  const counts: Count[] = [];
  for (const table of tables) {
    const meter = new RowMeter();
    for await (const chunk of copyOut(client, table)) meter.add(chunk);
    counts.push(meter.total(table));
  }
  return counts;
}
