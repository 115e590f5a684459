import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDb, createPool } from "@/lib/db/client";
import { install } from "@/lib/db/tables/system";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { isDatabaseDown } from "@/lib/kernel/errors";

let database: TestDatabase;
let pool: pg.Pool;
const POOL = 2;

beforeAll(async () => {
  database = await testDatabase();
  pool = createPool(database.url, POOL);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

/** What a crash of the server does to one connection. */
async function cut(pid: number): Promise<void> {
  const killer = new pg.Client({ connectionString: database.url });
  await killer.connect();
  await killer.query("select pg_terminate_backend($1)", [pid]);
  await killer.end();
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

// An error event that nobody hears would fail this run, as it would end a process.
it.each(["between two statements", "during a statement"])(
  "a connection lost %s of a transaction fails it as an outage, and the pool lives on",
  async (when) => {
    const db = createDb(pool);
    for (let i = 0; i < POOL + 1; i++) {
      const failure = await failureOf(
        db.transaction(async (tx) => {
          const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
          const gone = cut(rows[0]!.pid);
          if (when === "between two statements") await gone;
          await tx.execute(sql`select pg_sleep(1)`);
        }),
      );
      expect(isDatabaseDown(failure)).toBe(true);
    }
    expect((await db.transaction((tx) => tx.execute(sql`select 1 as one`))).rows).toEqual([{ one: 1 }]);
  },
);

it("a connection lost before BEGIN costs the pool nothing", async () => {
  const db = createDb(pool);
  for (let i = 0; i < POOL + 1; i++) {
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    // The server's last word is on its way while the client counts as idle.
    const gone = cut(rows[0]!.pid);
    client.release();
    await failureOf(db.transaction((tx) => tx.execute(sql`select pg_sleep(0.2)`)));
    await gone;
  }
  expect((await db.transaction((tx) => tx.execute(sql`select 1 as one`))).rows).toEqual([{ one: 1 }]);
});

it("an error of the work itself is thrown as it is, and its client is used again", async () => {
  const db = createDb(pool);
  const error = new Error("of the work");
  expect(await failureOf(db.transaction(() => Promise.reject(error)))).toBe(error);
  expect(pool.idleCount).toBeGreaterThan(0);
});

it("what was asked for stands in no error: not in its message, its stack or the server's detail", async () => {
  const secret = "a-token-that-nobody-may-read";
  const failures = [
    await failureOf(createDb(pool).execute(sql`select ${secret}::text from nowhere`)),
    await failureOf(
      createDb(pool).transaction(async (tx) => {
        await tx.execute(sql`insert into install (key, value) values (${secret}, 'a')`);
        await tx.insert(install).values({ key: secret, value: "b" });
      }),
    ),
  ];
  for (const failure of failures) {
    expect(failure).toMatchObject({ message: expect.stringMatching(/^Failed query: /) });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(secret);
  }
});

it("a server that says nothing any more fails a question as an outage, and its connection is not used again", async () => {
  const silent = createPool(database.url, 1, { queryTimeoutMs: 200 });
  const { rows } = await silent.query<{ pid: number }>("select pg_backend_pid() as pid");
  const failure = await failureOf(silent.query("select pg_sleep(2)"));
  expect(isDatabaseDown(failure)).toBe(true);
  const next = await silent.query<{ pid: number }>("select pg_backend_pid() as pid");
  expect(next.rows[0]!.pid).not.toBe(rows[0]!.pid);
  await silent.end();
});
