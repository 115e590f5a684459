import { createHash } from "node:crypto";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { eq, sql } from "drizzle-orm";
import { db } from "@/lib/db/client";
import { rateLimit } from "@/lib/db/tables/auth";
import { newId } from "@/lib/kernel/ids";

/**
 * Failed sign-ins per account, from whatever addresses they come: better-auth's own limit counts per address, and who
 * tries stolen passwords has many. At this rate nobody guesses a password of ten characters.
 */
const ACCOUNT_LIMIT = { attempts: 20, windowMs: 15 * 60_000 } as const;

const SIGN_IN_PATH = "/sign-in/email";

/** The same for addresses that have no account, so that the limit tells nobody which ones do. */
export const attemptsKey = (email: unknown): string =>
  `account|${createHash("sha256").update(String(email).trim().toLowerCase()).digest("hex")}`;

/**
 * Count an attempt before the password is looked at, in one statement, so that a thousand attempts at once are a
 * thousand. `last_request` holds the end of the window: better-auth prunes rows whose instant is long past.
 * @returns how long to wait, or null when the attempt may go on.
 */
async function countAttempt(key: string): Promise<number | null> {
  const now = sql`(extract(epoch from now()) * 1000)::bigint`;
  const [row] = await db()
    .insert(rateLimit)
    .values({ id: newId(), key, count: 1, lastRequest: sql`${now} + ${ACCOUNT_LIMIT.windowMs}` })
    .onConflictDoUpdate({
      target: rateLimit.key,
      set: {
        count: sql`case when ${rateLimit.lastRequest} <= ${now} then 1 else ${rateLimit.count} + 1 end`,
        lastRequest: sql`case when ${rateLimit.lastRequest} <= ${now} then ${now} + ${ACCOUNT_LIMIT.windowMs}
          else ${rateLimit.lastRequest} end`,
      },
    })
    .returning({ count: rateLimit.count, waitMs: sql<number>`${rateLimit.lastRequest} - ${now}` });
  return row && row.count > ACCOUNT_LIMIT.attempts ? Number(row.waitMs) : null;
}

/** For better-auth's hooks: both doors to signing in pass them. */
export const signInLimit = {
  before: createAuthMiddleware(async (ctx) => {
    if (ctx.path !== SIGN_IN_PATH) return;
    const waitMs = await countAttempt(attemptsKey(ctx.body?.email));
    if (waitMs === null) return;
    throw new APIError(
      "TOO_MANY_REQUESTS",
      { message: "Too many attempts to sign in to this account." },
      { "X-Retry-After": String(Math.ceil(waitMs / 1000)) },
    );
  }),
  /** Whoever knew the password starts anew. */
  after: createAuthMiddleware(async (ctx) => {
    if (ctx.path !== SIGN_IN_PATH || !ctx.context.newSession) return;
    await db()
      .delete(rateLimit)
      .where(eq(rateLimit.key, attemptsKey(ctx.body?.email)));
  }),
};
