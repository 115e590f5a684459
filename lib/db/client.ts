import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { keepValuesOutOfErrors } from "@/lib/db/query-error";
import { isDatabaseDown } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";
import { once } from "@/lib/kernel/once";

/** The pool's client or a transaction: every store function takes one. */
export type Db = NodePgDatabase;
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

/** int8 as number: our counters stay far below 2^53. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

keepValuesOutOfErrors();

/** The server's own limit and a little more: a host that lost its power says nothing, not even that it is too late. */
const QUERY_TIMEOUT_MS = 33_000;

export function createPool(
  connectionString: string,
  max = 12,
  { queryTimeoutMs = QUERY_TIMEOUT_MS } = {},
): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    // A statement that hangs must not hold a request for ever; backups and migrations use their own connection. A process
    // that stands still in the middle of a transaction holds its workspace's row, which every writer needs: the database
    // ends it well within the half minute in which a submit must have its verdict.
    options: "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC",
    query_timeout: queryTimeoutMs,
    application_name: `jobdeck-${process.env.JOBDECK_ROLE ?? "cli"}`,
  });
  // An idle client that loses its server emits here; the next query gets a fresh one.
  pool.on("error", (error) => log.warn({ err: error.message }, "an idle database connection was lost"));
  // A client in the middle of a transaction that loses its server emits, too; unheard, that would end the process. Its
  // query fails as well, which is where it is acted upon.
  pool.on("connect", (client) => void client.on("error", () => {}));
  return pool;
}

/**
 * Drizzle on a pool, with a transaction of our own around its transaction: drizzle's never gives a client back whose
 * BEGIN failed, so each restart of the database would cost some of the pool for good; and when the connection is lost in
 * the middle, it throws what its ROLLBACK said instead of what happened.
 */
export function createDb(pool: pg.Pool): Db {
  const db: Db = drizzle(pool);
  db.transaction = async (work, config) => {
    const client = await pool.connect();
    let failure: { error: unknown } | undefined;
    try {
      return await drizzle(client).transaction(async (tx) => {
        try {
          return await work(tx);
        } catch (error) {
          failure = { error };
          throw error;
        }
      }, config);
    } catch (error) {
      failure ??= { error };
      throw failure.error;
    } finally {
      client.release(failure !== undefined && isDatabaseDown(failure.error));
    }
  };
  return db;
}

export const pool = (): pg.Pool =>
  once("pool", () => {
    const url = process.env.DATABASE_URL;
    if (!url) throw new Error("DATABASE_URL is not set: this process was not started by `jobdeck start`");
    return createPool(url);
  });

export const db = (): Db => once("db", () => createDb(pool()));
