import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { migrationState } from "@/lib/db/migrate";
import type { TestDatabase } from "@/lib/db/testing";
import { makeContext, makeEndpoint, makeJob, openTestDatabase } from "@/lib/jobs/testing";
import { applyMigrations, createMigrationTable, schemaSteps } from "@/lib/server/backup/schema-steps";
import { allRows, emptyDatabase, fillTables } from "@/lib/server/backup/testing-fill";
import { run } from "@/lib/server/backup/testing-run";
import { EXIT } from "@/lib/server/exit-codes";
import { secretKeyFor } from "@/lib/server/secret-key";

const OUTPUT_BYTES = 5_000_000;
const CANARIES = {
  apiKey: "rpa_canary-api-key-7d1f",
  s3Secret: "canary-s3-secret-90ab",
  input: "canary-input-4c2e",
  hookToken: "canary-hook-token-11ff",
};

let source: TestDatabase;
let key: Buffer;
let directory: string;
let file: string;
/** The backup of `source`, unzipped. */
let text: string;
let rows: Record<string, string[]>;
let said: string;
const opened: TestDatabase[] = [];

async function empty(): Promise<TestDatabase> {
  const database = await emptyDatabase();
  opened.push(database);
  return database;
}

const restoreInto = (target: TestDatabase, from = file) =>
  run(["restore", from], { url: target.url, dataDir: directory, key });

const isEmpty = async (target: TestDatabase): Promise<boolean> =>
  Object.keys(await allRows(target.url)).length === 0;

function variant(name: string, bytes: Buffer): string {
  const target = path.join(directory, name);
  writeFileSync(target, bytes);
  return target;
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "jobdeck-backup-"));
  source = await openTestDatabase();
  key = Buffer.from(process.env.JOBDECK_SECRET_KEY!, "base64");
  await fillTables(source.url);
  await secretKeyFor(source.url, directory, key);
  const ctx = await makeContext();
  const endpoint = await makeEndpoint(ctx, { apiKey: CANARIES.apiKey });
  const spec = {
    inputText: JSON.stringify({ prompt: CANARIES.input }),
    s3Config: {
      accessId: "id",
      accessSecret: CANARIES.s3Secret,
      bucketName: "b",
      endpointUrl: "https://s3.example.com",
    },
  };
  const { id } = await makeJob(ctx, endpoint, {
    status: "COMPLETED",
    spec,
    hookToken: CANARIES.hookToken,
  });
  await source.db.execute(
    `insert into job_output_chunk (workspace_id, job_id, output_id, seq, data) select '${ctx.workspace.id}', '${id}', '${id}', 0, decode('${randomBytes(OUTPUT_BYTES).toString("hex")}', 'hex')`,
  );
  // Numbers that were given away and whose rows are gone.
  await source.db.execute("delete from job_event where id = (select max(id) from job_event)");
  file = path.join(directory, "jobdeck.backup");
  const outcome = await run(["backup", file], { url: source.url, dataDir: directory, key });
  said = outcome.words;
  expect(said).toContain("Wrote");
  expect(outcome.code).toBe(EXIT.ok);
  text = gunzipSync(readFileSync(file)).toString("latin1");
  rows = await allRows(source.url);
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
afterAll(async () => {
  await source.close();
  rmSync(directory, { recursive: true });
});

describe("a backup", () => {
  it("was made of a database with rows in every table", () => {
    expect(Object.entries(rows).filter(([, found]) => found.length === 0)).toEqual([]);
    expect(Object.keys(rows).length).toBeGreaterThan(20);
  });

  it("comes back equal, row by row, with every table's line on the way", async () => {
    const target = await empty();
    const { code, words } = await restoreInto(target);
    expect(words).toContain("counts and checksums are those of the backup");
    expect(code).toBe(EXIT.ok);
    const found = await allRows(target.url);
    for (const table of Object.keys(rows)) {
      for (const lines of [said, words])
        expect(lines).toContain(`\n  ${table} `.replace("__drizzle", "drizzle.__drizzle"));
      expect(found[table], table).toEqual(rows[table]);
    }
    expect(Object.keys(found)).toEqual(Object.keys(rows));
  });

  it("is the same text again, when it is made of what was restored", async () => {
    const target = await empty();
    await restoreInto(target);
    const again = path.join(directory, "again.backup");
    await run(["backup", again], { url: target.url, dataDir: directory, key });
    const withoutHead = (all: string) => all.split("\n").filter((line) => !line.startsWith("-- head"));
    expect(withoutHead(gunzipSync(readFileSync(again)).toString("latin1"))).toEqual(withoutHead(text));
    rmSync(again);
  });

  it("goes on working: counters count, and numbers continue above all that were ever given", async () => {
    const target = await empty();
    await restoreInto(target);
    const client = new pg.Client({ connectionString: target.url });
    await client.connect();
    const counted = async () =>
      (await client.query("select coalesce(sum(count), 0)::int as n from job_counter where status = 'NEW'"))
        .rows[0].n;
    const before = await counted();
    await client.query(
      `insert into job select (jsonb_populate_record(j, '{"status": "NEW", "upstream_id": null, "batch_id": null}'::jsonb ||
         jsonb_build_object('id', gen_random_uuid(), 'client_key', gen_random_uuid(), 'hook_token_hash', gen_random_uuid()))).*
       from job j limit 1`,
    );
    expect(await counted()).toBe(before + 1);
    const highest = await source.db.execute<{ last_value: string }>(
      "select last_value from job_event_id_seq",
    );
    const { rows: next } = await client.query("select nextval('job_event_id_seq')::text as id");
    expect(BigInt(next[0].id)).toBe(BigInt(highest.rows[0]!.last_value) + 1n);
    expect(await migrationState(client)).toBe("current");
    await client.end();
  });

  it("holds no secret in the clear, neither a sealed one nor the key itself", () => {
    expect(text).toContain("prompt: fox"); // the summary beside the sealed request: what is clear would be found
    for (const canary of Object.values(CANARIES))
      for (const encoding of ["utf8", "hex", "base64"] as const)
        expect(text.includes(Buffer.from(canary).toString(encoding)), canary).toBe(false);
    for (const encoding of ["hex", "base64", "base64url", "latin1"] as const)
      expect(text.includes(key.toString(encoding).replace(/=+$/, ""))).toBe(false);
  });

  it("says in words, on the screen and in the file, that the secret key is needed and not inside", () => {
    expect(said).toMatch(/secret key that opens them is NOT inside.*JOBDECK_SECRET_KEY/);
    expect(text.split("\n", 1)[0]).toMatch(/needs the secret key \(JOBDECK_SECRET_KEY.*NOT in this file/);
  });

  it("is for its owner only, and leaves nothing beside it", () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("is written where the person stands, never over something, and not into nowhere", async () => {
    const settings = { url: source.url, dataDir: directory, key };
    const there = await run(["backup", "jobdeck.backup"], settings, directory);
    expect(there).toMatchObject({ code: EXIT.failure });
    expect(there.words).toContain(`${file} exists already`);
    const nowhere = await run(["backup", path.join(directory, "no/such.backup")], settings);
    expect(nowhere).toMatchObject({ code: EXIT.failure });
    expect(nowhere.words).toContain("its directory does not exist");
  });

  it("is refused of a database that no Jobdeck has used, and of a directory without one", async () => {
    const nothing = path.join(directory, "nothing.backup");
    const target = await empty();
    const outcome = await run(["backup", nothing], { url: target.url, dataDir: directory });
    expect(outcome.words).toContain("no Jobdeck has used this database");
    const embedded = await run(["backup", nothing], { dataDir: path.join(directory, "unused") });
    expect(embedded.words).toContain("There is no database in");
    expect([outcome.code, embedded.code]).toEqual([EXIT.failure, EXIT.failure]);
    expect(existsSync(nothing) || existsSync(path.join(directory, "unused"))).toBe(false);
  });
});

describe("restore", () => {
  it("refuses a database that is not empty, and leaves it alone", async () => {
    const before = await allRows(source.url);
    const { code, words } = await restoreInto(source);
    expect(words).toMatch(/The database is not empty: it holds \w+.*Nothing is ever written over/s);
    expect(code).toBe(EXIT.failure);
    expect(await allRows(source.url)).toEqual(before);
  });

  it("brings the backup of an older schema up to this program's", async () => {
    const old = await empty();
    const client = new pg.Client({ connectionString: old.url });
    await client.connect();
    const all = await source.db.execute<{ at: string }>(
      "select created_at::text as at from drizzle.__drizzle_migrations order by created_at",
    );
    const steps = schemaSteps(
      all.rows.slice(0, 2).map(({ at }) => Number(at)),
      "",
    );
    await createMigrationTable(client);
    await applyMigrations(client, steps.before, "record");
    await client.end();
    await fillTables(old.url);
    const older = path.join(directory, "older.backup");
    expect((await run(["backup", older], { url: old.url, dataDir: directory })).code).toBe(EXIT.ok);

    const target = await empty();
    const { code, words } = await restoreInto(target, older);
    expect(words).toContain("Migrated from the schema of");
    expect(code).toBe(EXIT.ok);
    const found = await allRows(target.url);
    expect(Object.keys(found)).toEqual(Object.keys(rows));
    expect(found.workspace).toEqual((await allRows(old.url)).workspace);
    expect(found.job).toHaveLength((await allRows(old.url)).job!.length);
    expect(found.__drizzle_migrations).toHaveLength(all.rows.length);
  });

  it("refuses a backup from a newer Jobdeck, by its schema and by its format", async () => {
    const target = await empty();
    const later = text.replace(/("migrations":\[[\d,]+)/, "$1,9999999999999");
    const schema = await restoreInto(target, variant("later", gzipSync(Buffer.from(later, "latin1"))));
    expect(schema.words).toContain("with a schema that this version does not know");
    const newer = text.replace("format 1.", "format 2.");
    const format = await restoreInto(target, variant("newer", gzipSync(Buffer.from(newer, "latin1"))));
    expect(format.words).toContain("newer Jobdeck (format 2; this one reads up to 1)");
    expect([schema.code, format.code]).toEqual([EXIT.failure, EXIT.failure]);
    expect(await isEmpty(target)).toBe(true);
  });

  it("refuses a file that was cut short, wherever, and one with a flipped bit", async () => {
    const target = await empty();
    const whole = readFileSync(file);
    const faults = [0, 5, 10, 2_000, whole.length >> 1, whole.length - 9, whole.length - 1].map((length) =>
      whole.subarray(0, length),
    );
    for (const at of [10, 300, whole.length >> 1, whole.length - 6, whole.length - 3]) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 4;
      faults.push(flipped);
    }
    for (const bytes of faults) {
      const { code, words } = await restoreInto(target, variant("faulty", bytes));
      expect(words).toMatch(/is damaged or was cut short|is not a backup/);
      expect(code).toBe(EXIT.failure);
    }
    expect(await isEmpty(target)).toBe(true);
  });

  it("refuses a file whose compression is sound and whose rows are not what was counted", async () => {
    const target = await empty();
    const changed = text.replace("\tCOMPLETED\t", "\tcompleted\t");
    expect(changed).not.toBe(text);
    const { code, words } = await restoreInto(
      target,
      variant("changed", gzipSync(Buffer.from(changed, "latin1"))),
    );
    expect(words).toContain("is damaged");
    expect(code).toBe(EXIT.failure);
    expect(await isEmpty(target)).toBe(true);
  });

  it.each<[file: string, words: string]>([
    ["package.json", "is not a backup"],
    ["no-such-file", "there is no such file"],
    ["lib", "cannot be read"],
  ])("says what is wrong with %s", async (name, words) => {
    const outcome = await restoreInto(await empty(), path.resolve(name));
    expect(outcome.words).toContain(words);
    expect(outcome.code).toBe(EXIT.failure);
  });

  it("refuses another secret key and says what it means; without any it asks for it", async () => {
    const target = await empty();
    const other = await run(["restore", file], {
      url: target.url,
      dataDir: directory,
      key: Buffer.alloc(32, 7),
    });
    expect(other.words).toMatch(/is not the secret key that this backup was made with.*could be opened/);
    expect(other.code).toBe(EXIT.configuration);
    expect(await isEmpty(target)).toBe(true);
    const none = await run(["restore", file], { url: target.url, dataDir: directory });
    expect(none.words).toContain("The secret key of this backup is not here");
    expect(none.code).toBe(EXIT.ok);
  });

  it("never lets a job be sent that may have been sent since the backup", async () => {
    const unsent = await empty();
    await restoreInto(unsent);
    await unsent.db.execute("update job set status = 'SENDING', send_started_at = null");
    const older = path.join(directory, "unsent.backup");
    await run(["backup", older], { url: unsent.url, dataDir: directory, key });
    const target = await empty();
    const { words } = await restoreInto(target, older);
    expect(words).toMatch(/\d+ jobs had not been sent when the backup was made/);
    const { rows: left } = await target.db.execute(
      "select from job where status = 'SENDING' and send_started_at is null",
    );
    expect(left).toEqual([]);
  });
});
