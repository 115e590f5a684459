import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import pg from "pg";
import { createDb, createPool, type Db } from "@/lib/db/client";
import type { TestCluster } from "@/lib/db/testing-setup";
import { socketUrl } from "@/lib/server/postgres-cluster";

export type TestDatabase = { url: string; db: Db; close: () => Promise<void> };

/**
 * A fresh database with the product's whole schema on a real PostgreSQL, for one test file or one test. Takes some 50 ms;
 * the first one of a run also starts the server. `close` ends its connections and drops it.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const cluster = await askForCluster();
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await asAdmin(cluster.adminUrl, `create database ${name} template jobdeck owner jobdeck`);
  const url = socketUrl(cluster.socketDir, "jobdeck", name);
  const pool = createPool(url);
  return {
    url,
    db: createDb(pool),
    async close() {
      await pool.end();
      // Child processes of a test may still be connected.
      await asAdmin(cluster.adminUrl, `drop database ${name} with (force)`);
    },
  };
}

async function askForCluster(): Promise<Exclude<TestCluster, { error: string }>> {
  const address = process.env.JOBDECK_TEST_CLUSTER;
  if (!address)
    throw new Error("testDatabase() works in vitest with lib/db/testing-setup.ts as its global setup");
  const cluster = JSON.parse(await text(connect(address))) as TestCluster;
  if ("error" in cluster) throw new Error(`The PostgreSQL for tests did not start: ${cluster.error}`);
  return cluster;
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
