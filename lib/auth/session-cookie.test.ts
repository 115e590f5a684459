import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auth, CLIENT_ADDRESS_HEADER } from "@/lib/auth/auth";
import { carriesOurCookie } from "@/lib/auth/session-cookie";
import { db } from "@/lib/db/client";
import type { TestDatabase } from "@/lib/db/testing";
import { openTestDatabase } from "@/lib/jobs/testing";
import { createAccount } from "@/lib/workspaces/accounts";

const account = { name: "Ada", email: "ada@example.com", password: "a long enough password" };
let database: TestDatabase;
/** As the browser sends it back. */
let cookie: string;

beforeAll(async () => {
  database = await openTestDatabase();
  await db().transaction((tx) => createAccount(tx, account));
  const response = await auth().handler(
    new Request("http://127.0.0.1:3000/api/auth/sign-in/email", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: "http://127.0.0.1:3000",
        [CLIENT_ADDRESS_HEADER]: "127.0.0.1",
      },
      body: JSON.stringify(account),
    }),
  );
  cookie = response.headers.getSetCookie()[0]!.split(";")[0]!;
});
afterAll(() => database.close());

describe("a session cookie", () => {
  it("that better-auth made is known, among others, and as it is named under https", () => {
    expect(carriesOurCookie(cookie)).toBe(true);
    expect(carriesOurCookie(`jobdeck-theme=dark; ${cookie}; x=y`)).toBe(true);
    expect(carriesOurCookie(`__Secure-${cookie}`)).toBe(true);
  });

  it.each<[name: string, change: (cookie: string) => string | undefined]>([
    ["is missing", () => undefined],
    ["is empty", () => "jobdeck.session_token="],
    ["has no signature", (own) => own.split(".").slice(0, 2).join(".")],
    ["has an empty signature", (own) => `${own.split(".").slice(0, 2).join(".")}.`],
    ["has another token", (own) => own.replace("token=", "token=x")],
    ["has another name", (own) => own.replace("session_token", "other")],
    [
      "is made up",
      () => `jobdeck.session_token=x.${encodeURIComponent(Buffer.alloc(32).toString("base64"))}`,
    ],
    ["is no text", () => "jobdeck.session_token=%ff.%ff"],
  ])("that %s is not", (_name, change) => expect(carriesOurCookie(change(cookie))).toBe(false));
});
