import { randomBytes } from "node:crypto";
import { verifyPassword } from "better-auth/crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changePasswordAction, endOtherSessionsAction, endSessionAction } from "@/lib/account/actions";
import { resetPassword } from "@/lib/account/reset";
import { listSessions } from "@/lib/account/service";
import { auth } from "@/lib/auth/auth";
import { requireContext } from "@/lib/auth/context";
import { withRequestHeaders } from "@/lib/auth/request-headers";
import { db, pool } from "@/lib/db/client";
import { account, session } from "@/lib/db/tables/auth";
import { testDatabase } from "@/lib/db/testing";
import { ensureSetup } from "@/lib/workspaces/setup";

const EMAIL = "ada@example.com";
const FIRST = "the first password";
let database: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  database = await testDatabase();
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    JOBDECK_SECRET_KEY: randomBytes(32).toString("base64"),
    JOBDECK_OWNER_EMAIL: EMAIL,
    JOBDECK_OWNER_PASSWORD: FIRST,
  });
  await ensureSetup();
});
afterAll(async () => {
  await pool().end();
  await database.close();
});

/** Sign in as one browser more. */
async function signedIn(
  password: string,
  userAgent = "Mozilla/5.0 (X11; Linux) Firefox/140.0",
): Promise<Headers> {
  const response = await auth().api.signInEmail({
    body: { email: EMAIL, password },
    headers: new Headers({ "user-agent": userAgent }),
    asResponse: true,
  });
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]);
  return new Headers({ cookie: cookie.join("; "), host: "jobdeck.test", origin: "http://jobdeck.test" });
}

const isIn = async (headers: Headers) => (await auth().api.getSession({ headers })) !== null;
const sessionsOf = async (headers: Headers) =>
  withRequestHeaders(headers, async () =>
    listSessions(await requireContext(headers, "workspace", "account:own")),
  );
const hashOf = async () =>
  (await db().select().from(account).where(eq(account.providerId, "credential")))[0]!.password!;

it("lists one's browsers, the present one first, and signs another one out", async () => {
  const laptop = await signedIn(FIRST);
  const phone = await signedIn(FIRST, "Mozilla/5.0 (iPhone) Version/18.6 Mobile Safari/604.1");
  const rows = await sessionsOf(laptop);
  expect(rows.map((row) => [row.device, row.isCurrent])).toEqual([
    ["Firefox on Linux", true],
    ["Safari on iOS", false],
  ]);
  const ended = await withRequestHeaders(laptop, () => endSessionAction("workspace", { id: rows[1]!.id }));
  expect(ended).toEqual({ ok: true, value: null });
  expect([await isIn(laptop), await isIn(phone)]).toEqual([true, false]);
});

it("refuses to end the session that asks, and one that is not there", async () => {
  const laptop = await signedIn(FIRST);
  const [own] = await sessionsOf(laptop);
  const end = (id: string) => withRequestHeaders(laptop, () => endSessionAction("workspace", { id }));
  expect(await end(own!.id)).toMatchObject({ ok: false, error: { code: "conflict" } });
  expect(await end("nobody's")).toMatchObject({ ok: false, error: { code: "not_found" } });
  expect(await isIn(laptop)).toBe(true);
});

it("signs out all others at once", async () => {
  const [laptop, phone] = [await signedIn(FIRST), await signedIn(FIRST)];
  await withRequestHeaders(laptop, () => endOtherSessionsAction("workspace", {}));
  expect([await isIn(laptop), await isIn(phone)]).toEqual([true, false]);
});

it("changes the password only for who knows the present one, and then ends every other session", async () => {
  const [laptop, phone] = [await signedIn(FIRST), await signedIn(FIRST)];
  const change = (currentPassword: string, newPassword: string) =>
    withRequestHeaders(laptop, () => changePasswordAction("workspace", { currentPassword, newPassword }));
  const wrong = await change("not the password", "the second password");
  expect(wrong).toMatchObject({ ok: false, error: { fields: { currentPassword: expect.any(String) } } });
  expect(await verifyPassword({ hash: await hashOf(), password: FIRST })).toBe(true);
  expect(await isIn(phone)).toBe(true);

  expect(await change(FIRST, "short")).toMatchObject({
    ok: false,
    error: { fields: { newPassword: expect.any(String) } },
  });
  expect(await change(FIRST, "the second password")).toEqual({ ok: true, value: null });
  expect(await verifyPassword({ hash: await hashOf(), password: "the second password" })).toBe(true);
  expect(await isIn(phone)).toBe(false);
});

it("guessing the present password is stopped after five tries in a minute", async () => {
  const laptop = await signedIn("the second password");
  const answers = [];
  for (let i = 0; i < 7; i++)
    answers.push(
      await withRequestHeaders(laptop, () =>
        changePasswordAction("workspace", {
          currentPassword: `guess ${i} of many`,
          newPassword: "another password",
        }),
      ),
    );
  expect(answers.at(-1)).toMatchObject({ ok: false, error: { code: "too_many" } });
});

it("is reset from the command line: a new password, nobody signed in", async () => {
  await signedIn("the second password");
  const password = await resetPassword(db(), " ADA@example.com ");
  expect(await verifyPassword({ hash: await hashOf(), password })).toBe(true);
  expect(await db().select().from(session)).toEqual([]);
  await expect(resetPassword(db(), "nobody@example.com")).rejects.toThrow("There is no account");
});
