import { readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import type { RunState } from "@/lib/server/run-state";

const runState = (): RunState =>
  JSON.parse(readFileSync(path.join(process.env.E2E_DATA_DIR!, "run/state.json"), "utf8"));

/**
 * Kill the database without warning while `look` runs. The supervisor sleeps meanwhile, so that the outage lasts as long
 * as the looking; then it wakes up and starts the database anew.
 */
export async function whileDatabaseIsDead(look: () => Promise<void>): Promise<void> {
  const { supervisor, processes } = runState();
  const postgres = processes.find(({ role }) => role === "postgres");
  if (!postgres) throw new Error("no embedded database is running");
  process.kill(supervisor.pid, "SIGSTOP");
  try {
    process.kill(postgres.pid, "SIGKILL");
    await look();
  } finally {
    process.kill(supervisor.pid, "SIGCONT");
  }
}

/** The embedded database of the running product, read from outside as a backup would read it. */
export async function withDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: runState().databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every row of every table of every schema as text: what a dump would hold. */
export const dumpDatabase = (): Promise<{ table: string; rows: string[] }[]> =>
  withDatabase(async (client) => {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    const dump: { table: string; rows: string[] }[] = [];
    for (const { name } of tables.rows) {
      const rows = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      dump.push({ table: name, rows: rows.rows.map((r) => r.row) });
    }
    return dump;
  });
