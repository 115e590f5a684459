import { randomUUID } from "node:crypto";
import { like } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auth, CLIENT_ADDRESS_HEADER } from "@/lib/auth/auth";
import { db } from "@/lib/db/client";
import { rateLimit } from "@/lib/db/tables/auth";
import type { TestDatabase } from "@/lib/db/testing";
import { openTestDatabase } from "@/lib/jobs/testing";
import { createAccount, signIn } from "@/lib/workspaces/accounts";

const PASSWORD = "a long enough password";
const LIMIT = 20;

let database: TestDatabase;
let email: string;
let serial = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  email = `${randomUUID()}@example.com`;
  await db().transaction((tx) => createAccount(tx, { name: "Ada", email, password: PASSWORD }));
});

/** Each attempt from an address of its own, as those who try stolen passwords do. */
const attempt = async (password: string, as = email) => {
  const address = `198.51.${Math.floor(serial / 250)}.${(serial++ % 250) + 1}`;
  const response = await auth().handler(
    new Request("http://127.0.0.1:3000/api/auth/sign-in/email", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: "http://127.0.0.1:3000",
        [CLIENT_ADDRESS_HEADER]: address,
      },
      body: JSON.stringify({ email: as, password }),
    }),
  );
  return response.status;
};
/** As if so many had failed already: each costs a password hash. */
const failed = async (count: number) => {
  await attempt("wrong password");
  await db().update(rateLimit).set({ count }).where(like(rateLimit.key, "account|%"));
};

describe("signing in to one account from many addresses", () => {
  it("is over after 20 failures, also when all come at once, and also with the right password", async () => {
    const answers = await Promise.all(Array.from({ length: 2 * LIMIT }, () => attempt("wrong password")));
    expect(answers.filter((status) => status === 401)).toHaveLength(LIMIT);
    expect(answers.filter((status) => status === 429)).toHaveLength(LIMIT);
    expect(await attempt(PASSWORD)).toBe(429);
    expect(await attempt(PASSWORD, email.toUpperCase())).toBe(429);
  });

  it("says how long to wait", async () => {
    await failed(LIMIT);
    const headers = new Headers({ host: "127.0.0.1:3000", origin: "http://127.0.0.1:3000" });
    await expect(signIn({ email, password: PASSWORD }, headers)).rejects.toMatchObject({
      code: "too_many",
      message: expect.stringContaining("15 minutes"),
    });
  });

  it("does not tell whether the account exists", async () => {
    const nobody = `${randomUUID()}@example.com`;
    expect(await attempt("wrong password", nobody)).toBe(401);
    await db().update(rateLimit).set({ count: LIMIT }).where(like(rateLimit.key, "account|%"));
    expect(await attempt("wrong password", nobody)).toBe(429);
  });

  it("holds up no other account", async () => {
    await failed(LIMIT);
    expect(await attempt("wrong password", `${randomUUID()}@example.com`)).toBe(401);
  });

  it("starts anew after the right password, and after the window", async () => {
    await failed(LIMIT - 1);
    expect(await attempt(PASSWORD)).toBe(200);
    await failed(LIMIT);
    expect(await attempt(PASSWORD)).toBe(429);
    await db()
      .update(rateLimit)
      .set({ lastRequest: Date.now() - 1 })
      .where(like(rateLimit.key, "account|%"));
    expect(await attempt(PASSWORD)).toBe(200);
  });

  it("stores no mail address", async () => {
    await failed(1);
    expect(JSON.stringify(await db().select().from(rateLimit))).not.toContain(email);
  });
});
