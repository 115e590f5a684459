import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

let one: TestDatabase;
let other: TestDatabase;
beforeAll(async () => {
  [one, other] = await Promise.all([testDatabase(), testDatabase()]);
});
afterAll(() => Promise.all([one.close(), other.close()]));

it("gives each caller a migrated database of its own", async () => {
  const count = async ({ db }: TestDatabase) =>
    (await db.execute(sql`select count(*)::int as n from install where key = 'probe'`)).rows[0]?.n;
  await one.db.execute(sql`insert into install (key, value) values ('probe', 'x')`);
  expect([await count(one), await count(other)]).toEqual([1, 0]);
});

it("is the durable PostgreSQL that the product runs on, without its superuser", async () => {
  const { rows } = await one.db.execute(
    sql`select current_setting('fsync') as fsync, current_setting('data_checksums') as checksums,
          (select rolsuper from pg_roles where rolname = current_user) as super`,
  );
  expect(rows).toEqual([{ fsync: "on", checksums: "on", super: false }]);
});
