import { once } from "node:events";
import type pg from "pg";
import { from, to } from "pg-copy-streams";
import type { Table } from "@/lib/server/backup/manifest";
import { columnList, type LiveTable, qualified } from "@/lib/server/backup/tables";

/** All rows of a table in the order of its key. Whoever stops reading in the middle must end the connection. */
export const copyOut = (client: pg.ClientBase, table: LiveTable): AsyncIterable<Buffer> =>
  client.query(
    to(
      `copy (select ${columnList(table.columns)} from ${qualified(table)} order by ${table.sortBy.join(", ")}) to stdout`,
      { highWaterMark: 1 << 18 },
    ),
  );

/** The statement that rows are loaded with; a backup file names it in front of them, so that psql could as well. */
export const copyInStatement = (table: Table): string =>
  `copy ${qualified(table)} (${columnList(table.columns)}) from stdin`;

/**
 * Load rows. When they end in an error nothing is tidied up here: the caller gives up the connection, and with it the
 * transaction.
 */
export async function copyIn(
  client: pg.ClientBase,
  table: Table,
  rows: AsyncIterable<Buffer>,
): Promise<void> {
  const into = client.query(from(copyInStatement(table)));
  let failure: unknown;
  const failed = new Promise<never>((_, reject) =>
    into.once("error", (error) => {
      failure = error;
      reject(error);
    }),
  );
  failed.catch(() => {}); // it is looked at below, and may come while nobody waits
  for await (const chunk of rows) {
    if (failure !== undefined) throw failure;
    if (!into.write(chunk)) await Promise.race([once(into, "drain"), failed]);
  }
  const finished = once(into, "finish");
  finished.catch(() => {});
  into.end();
  await Promise.race([finished, failed]);
}
