import { sql } from "drizzle-orm";
import type { Db, Tx } from "@/lib/db/client";

/** A wake-up for the collectors, never the truth: without it they look at their next tick. */
export const WAKE_CHANNEL = "jobdeck_collector";

export const wakeCollectors = (tx: Db | Tx): Promise<unknown> =>
  tx.execute(sql`select pg_notify(${WAKE_CHANNEL}, '')`);
