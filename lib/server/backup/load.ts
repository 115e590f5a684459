import type pg from "pg";
import { MIGRATION_LOCK } from "@/lib/db/migrate";
import { AppError } from "@/lib/kernel/errors";
import { failpoint } from "@/lib/kernel/failpoint";
import { copyIn } from "@/lib/server/backup/copy";
import { type Count, type Dump, type Head, nameOf } from "@/lib/server/backup/manifest";
import { differing, metered, RowMeter } from "@/lib/server/backup/row-meter";
import { applyMigrations, createMigrationTable, schemaSteps } from "@/lib/server/backup/schema-steps";
import { countTables } from "@/lib/server/backup/snapshot";
import {
  firstOccupant,
  type LiveTable,
  qualified,
  readSequences,
  readTables,
} from "@/lib/server/backup/tables";

type Options = {
  /** Hears of each table's progress. */
  onChunk: (table: string, meter: RowMeter) => void;
  onTable: (count: Count, meter: RowMeter) => void;
  say: (line: string) => void;
  /** A last word before the commit, when everything is there with this program's schema. */
  beforeCommit?: (client: pg.ClientBase) => Promise<void>;
};

/**
 * Put a dump into an empty database: its schema as it was, its rows, then the migrations that came later. One
 * transaction: until its commit the database is empty for everybody else, and whatever ends it earlier leaves it empty.
 * @throws AppError `conflict` when the database is not empty, the dump is newer than the program, or what arrived is not
 *   what the dump's maker counted
 */
export async function loadDump(client: pg.ClientBase, dump: Dump, options: Options): Promise<void> {
  const { head } = dump;
  const steps = schemaSteps(head.migrations, head.jobdeck);
  await refuseUnsuitable(client);
  await client.query("begin");
  await refuseMigrating(client);
  await refuseOccupied(client);
  await createMigrationTable(client);
  await applyMigrations(client, steps.before, "comes with the data");
  const tables = await readTables(client);
  // The counters are rows like all others, and would be counted twice. (Foreign keys stay on: they are no user triggers.)
  await setTriggers(client, tables, "disable");
  await copySections(client, dump, tables, options);
  options.say("Comparing what the database holds now with the counts and checksums …");
  const held = await countTables(client, tables);
  failpoint("restore-counted");
  refuseDifference(dump.totals(), held, tables);
  await setTriggers(client, tables, "enable");
  await continueSequences(client, head);
  await applyMigrations(client, steps.after, "record");
  if (steps.after.length > 0)
    options.say(`Migrated from the schema of Jobdeck ${head.jobdeck} to this one's.`);
  await options.beforeCommit?.(client);
  failpoint("restore-before-commit");
  await client.query("commit");
  // A fresh database has no statistics and plans accordingly, until it gathers some by itself.
  await client.query(`analyze ${tables.map(qualified).join(", ")}`).catch(() => {});
}

async function refuseUnsuitable(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ encoding: string }>(
    "select pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()",
  );
  if (rows[0]!.encoding !== "UTF8")
    throw new AppError(
      "conflict",
      `The database's encoding is ${rows[0]!.encoding}, and Jobdeck's texts need UTF8. Create the database with encoding 'UTF8' template template0.`,
    );
}

async function refuseMigrating(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ got: boolean }>("select pg_try_advisory_xact_lock($1) as got", [
    MIGRATION_LOCK,
  ]);
  if (!rows[0]!.got)
    throw new AppError("conflict", "Another Jobdeck is starting on this database or restoring into it.");
}

async function refuseOccupied(client: pg.ClientBase): Promise<void> {
  const occupant = await firstOccupant(client);
  if (occupant !== undefined)
    throw new AppError(
      "conflict",
      `The database is not empty: it holds ${occupant}. Nothing is ever written over. Give an empty one: a new database for DATABASE_URL, or a new directory for JOBDECK_DATA_DIR.`,
    );
}

const setTriggers = async (
  client: pg.ClientBase,
  tables: readonly LiveTable[],
  to: "enable" | "disable",
): Promise<void> => {
  for (const table of tables) await client.query(`alter table ${qualified(table)} ${to} trigger user`);
};

async function copySections(
  client: pg.ClientBase,
  dump: Dump,
  tables: readonly LiveTable[],
  options: Options,
): Promise<void> {
  const known = new Set(tables.map(nameOf));
  const arrived: Count[] = [];
  for await (const { table, rows } of dump.sections()) {
    const name = nameOf(table);
    const meter = new RowMeter();
    const counted = metered(rows, meter, () => options.onChunk(name, meter));
    if (known.has(name)) await copyIn(client, table, counted);
    else {
      for await (const _ of counted);
      options.say(`  ${name} is not a table of Jobdeck's and is left out.`);
    }
    arrived.push(meter.total(table));
    options.onTable(arrived.at(-1)!, meter);
    failpoint("restore-table");
  }
  refuseDifference(dump.totals(), arrived);
}

/** @param tables look at these only */
function refuseDifference(
  wanted: readonly Count[],
  found: readonly Count[],
  tables?: readonly LiveTable[],
): void {
  const names = new Set((tables ?? []).map(nameOf));
  const compared = tables ? wanted.filter(({ table }) => names.has(table)) : wanted;
  const different = differing(compared, found);
  if (different.length > 0)
    throw new AppError(
      "conflict",
      `What arrived is not what was sent: ${different.join(", ")}. Nothing was kept; the database is empty as before.`,
    );
}

/** New rows get numbers above all that were ever given, also when the rows with the highest ones are gone. */
async function continueSequences(client: pg.ClientBase, head: Head): Promise<void> {
  for (const { sequence, table, column } of await readSequences(client))
    await client.query(
      `select setval($1::regclass, m) from (select greatest($2::bigint, max(${column})) as m from ${table}) s where m is not null`,
      [sequence, head.sequences[sequence] ?? null],
    );
}
