import { randomUUID } from "node:crypto";
import { readMigrationFiles } from "drizzle-orm/migrator";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MIGRATIONS_FOLDER } from "@/lib/db/migrate";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.close();
});

it("outputs that were stored before chunks had an output id are still their jobs' outputs", async () => {
  const migrations = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
  const at = migrations.findIndex(({ sql }) => sql.some((one) => one.includes('"job_output_draft"')));
  expect(at).toBeGreaterThan(0);
  await client.query("begin");
  await client.query("create schema before");
  // The migrations name public in their foreign keys: the fresh schema takes its place for this transaction.
  await client.query("drop schema public cascade; alter schema before rename to public");
  for (const { sql } of migrations.slice(0, at)) for (const one of sql) await client.query(one);
  const [workspace, endpoint, stored, empty] = Array.from({ length: 4 }, () => randomUUID());
  await client.query("insert into workspace (id, slug, name) values ($1, 's', 'n')", [workspace]);
  await client.query(
    `insert into endpoint (id, workspace_id, kind, name, upstream_id, api_key_sealed, api_key_last4, credential_fingerprint)
     values ($1, $2, 'custom', 'n', 'ep1', 'x', 'x', 'x')`,
    [endpoint, workspace],
  );
  for (const [id, state] of [
    [stored, "stored"],
    [empty, "none"],
  ])
    await client.query(
      `insert into job (id, workspace_id, endpoint_id, client_key, status, request_sealed, payload_hash, input_summary,
         hook_token_hash, output_state, rev) values ($1, $2, $3, $1, 'COMPLETED', 'x', 'x', 'x', $5, $4, 1)`,
      [id, workspace, endpoint, state, id],
    );
  await client.query(
    "insert into job_output_chunk (workspace_id, job_id, seq, data) select $1, $2, n, 'x' from generate_series(0, 2) n",
    [workspace, stored],
  );
  for (const { sql } of migrations.slice(at)) for (const one of sql) await client.query(one);
  const { rows } = await client.query(
    `select j.id, count(c.seq)::int as chunks from job j left join job_output_chunk c on c.output_id = j.output_id
     group by j.id`,
  );
  expect(new Map(rows.map(({ id, chunks }) => [id, chunks]))).toEqual(
    new Map([
      [stored, 3],
      [empty, 0],
    ]),
  );
  const counted = await client.query("select sum(count)::int as jobs from job_counter");
  expect(counted.rows[0].jobs).toBe(2);
  await client.query("rollback");
});
