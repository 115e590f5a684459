import { sql } from "drizzle-orm";
import type { Db, Tx } from "@/lib/db/client";

/** The database's clock, the only one that all processes share. */
export async function databaseNow(db: Db | Tx): Promise<Date> {
  const result = await db.execute<{ now: string }>(sql`select clock_timestamp()::text as now`);
  return new Date(result.rows[0]!.now);
}
