import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { secretKeyFor } from "@/lib/server/secret-key";

let database: TestDatabase;
let host: string;
let otherHost: string;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.execute("delete from install");
  [host, otherHost] = [0, 1].map(() => mkdtempSync(path.join(tmpdir(), "jobdeck-key-"))) as [string, string];
});
afterEach(() => {
  for (const directory of [host, otherHost]) rmSync(directory, { recursive: true });
});

describe("the secret key", () => {
  it("is made once, kept for its owner only, and found again", async () => {
    const key = await secretKeyFor(database.url, host, undefined);
    expect(key).toHaveLength(32);
    expect(await secretKeyFor(database.url, host, undefined)).toEqual(key);
    expect(statSync(path.join(host, "secret.key")).mode & 0o777).toBe(0o600);
    expect(readdirSync(host)).toEqual(["secret.key"]);
  });

  it("is not made anew by a second host, which says what is missing instead", async () => {
    await secretKeyFor(database.url, host, undefined);
    await expect(secretKeyFor(database.url, otherHost, undefined)).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("JOBDECK_SECRET_KEY is not set"),
    });
    expect(readdirSync(otherHost)).toEqual([]);
  });

  it("works on a second host that is given the first one's", async () => {
    const key = await secretKeyFor(database.url, host, undefined);
    const text = readFileSync(path.join(host, "secret.key"), "utf8").trim();
    expect(await secretKeyFor(database.url, otherHost, Buffer.from(text, "base64"))).toEqual(key);
  });

  it("is refused when it is not the one that the database was set up with", async () => {
    await secretKeyFor(database.url, host, undefined);
    await expect(secretKeyFor(database.url, otherHost, Buffer.alloc(32, 1))).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("not the secret key that this database was set up with"),
    });
  });

  it("is one, also when two hosts without any start at the same moment", async () => {
    const results = await Promise.allSettled(
      [host, otherHost].map((dir) => secretKeyFor(database.url, dir, undefined)),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("does not enter the database", async () => {
    const key = await secretKeyFor(database.url, host, undefined);
    const { rows } = await database.db.execute("select value from install");
    const stored = JSON.stringify(rows);
    for (const encoding of ["hex", "base64", "base64url"] as const)
      expect(stored).not.toContain(key.toString(encoding));
  });
});
