import { Hono } from "hono";
import { pool } from "@/lib/db/client";
import { migrationState } from "@/lib/db/migrate";
import { log } from "@/lib/kernel/log";

/** A collector that has not beaten for this long is not working. */
const HEARTBEAT_FRESH_SECONDS = 15;

type Checks = { database: boolean; migrations: boolean; collector: boolean };

async function check(): Promise<Checks> {
  const checks: Checks = { database: false, migrations: false, collector: false };
  try {
    const client = await pool().connect();
    try {
      const fresh = await client.query(
        "select exists (select 1 from process where role = 'collector' and heartbeat_at > now() - $1 * interval '1 second') as ok",
        [HEARTBEAT_FRESH_SECONDS],
      );
      checks.database = true;
      checks.collector = fresh.rows[0].ok;
      checks.migrations = (await migrationState(client)) === "current";
    } finally {
      client.release();
    }
  } catch (error) {
    log.warn({ err: error instanceof Error ? error.message : String(error) }, "not ready");
  }
  return checks;
}

export const healthApp = (): Hono =>
  new Hono()
    .get("/healthz", (c) => c.json({ status: "alive" }))
    .get("/readyz", async (c) => {
      const checks = await check();
      const isReady = Object.values(checks).every(Boolean);
      return c.json({ status: isReady ? "ready" : "not ready", checks }, isReady ? 200 : 503);
    });
