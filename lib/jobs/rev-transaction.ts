import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type pg from "pg";
import { pool } from "@/lib/db/client";
import { isDatabaseDown } from "@/lib/kernel/errors";

const dialect = new PgDialect();
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Runs a statement in the transaction. With a `name` PostgreSQL parses and plans it once per connection. */
type Execute = <T extends pg.QueryResultRow>(statement: SQL, name?: string) => Promise<T[]>;

/** The number that the transaction has just taken. In SQL, so that nobody waits for it to come here and go back. */
const revOf = (workspaceId: string): SQL => sql`(select rev from workspace where id = ${workspaceId}::uuid)`;

/** pg's own switch: what is asked without awaiting travels at once, instead of one question per round trip. */
type Pipelined = pg.PoolClient & { pipeline?: boolean };

/**
 * A transaction that changes jobs of one workspace, for the writes that every job costs. As short as it can be, because
 * the workspace's lock is held from its rev (see `bumpRev`) to its end: BEGIN, the rev and the first statement are one round
 * trip, COMMIT is the other.
 */
export async function inRevTransaction<T>(
  workspaceId: string,
  work: (execute: Execute, rev: SQL) => Promise<T>,
): Promise<T> {
  // It becomes part of a text, since several statements at once take no parameters.
  if (!UUID.test(workspaceId)) throw new Error("a workspace id is a UUID");
  const client: Pipelined = await pool().connect();
  client.pipeline = true;
  let failure: unknown;
  try {
    const begun = client.query(
      `begin; update workspace set rev = rev + 1 where id = '${workspaceId}'`,
    ) as unknown as Promise<pg.QueryResult[]>;
    const execute: Execute = async (statement, name) => {
      const { sql: text, params } = dialect.sqlToQuery(sql`${statement}`);
      return (await client.query({ ...(name !== undefined && { name }), text, values: params })).rows;
    };
    const [[, bumped], result] = await Promise.all([begun, work(execute, revOf(workspaceId))]);
    if (bumped?.rowCount !== 1) throw new Error(`workspace ${workspaceId} is gone`);
    await client.query("commit");
    return result;
  } catch (error) {
    failure = error;
    await client.query("rollback").catch(() => {}); // the first error says what happened
    throw error;
  } finally {
    client.pipeline = false;
    client.release(failure !== undefined && isDatabaseDown(failure));
  }
}
