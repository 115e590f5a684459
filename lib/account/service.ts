import { and, desc, eq, gt, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import { deviceWords } from "@/lib/account/device";
import type { changePasswordSchema, SessionRow } from "@/lib/account/schema";
import { askAuth, tooManyAttempts } from "@/lib/auth/ask";
import { auth } from "@/lib/auth/auth";
import type { Context } from "@/lib/auth/context";
import { requestHeaders } from "@/lib/auth/request-headers";
import { db } from "@/lib/db/client";
import { session } from "@/lib/db/tables/auth";
import { AppError } from "@/lib/kernel/errors";

/**
 * Set a new password. Every other session ends, and this one gets a new token: whoever had a copy of it is out.
 * @throws AppError `invalid` when the present password is wrong, `too_many` after five tries in a minute.
 */
export async function changePassword(
  _ctx: Context,
  input: z.output<typeof changePasswordSchema>,
): Promise<null> {
  const headers = await requestHeaders();
  const response = await askAuth("change-password", headers, { ...input, revokeOtherSessions: true });
  if (response.ok) return null;
  if (response.status === 429) throw tooManyAttempts(response);
  if (response.status >= 500) throw new Error(`the password change failed with ${response.status}`);
  const message = "This is not your present password.";
  throw new AppError("invalid", message, { fields: { currentPassword: message } });
}

/** The id of the session that asks. */
async function currentSessionId(): Promise<string> {
  const found = await auth().api.getSession({ headers: await requestHeaders() });
  if (!found) throw new AppError("unauthenticated", "You are not signed in. Sign in and try again.");
  return found.session.id;
}

/** Where this person is signed in, the present browser first, then the newest. */
export async function listSessions(ctx: Context): Promise<SessionRow[]> {
  const current = await currentSessionId();
  const rows = await db()
    .select()
    .from(session)
    .where(and(eq(session.userId, ctx.person.id), gt(session.expiresAt, sql`now()`)))
    .orderBy(desc(session.createdAt))
    .limit(100);
  return rows
    .map((row) => ({
      id: row.id,
      device: deviceWords(row.userAgent),
      address: row.ipAddress || null,
      signedInAt: row.createdAt.toISOString(),
      isCurrent: row.id === current,
    }))
    .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
}

/** Sign a browser out from afar. Only one's own; the present one leaves by "Sign out". */
export async function endSession(ctx: Context, { id }: { id: string }): Promise<null> {
  if (id === (await currentSessionId()))
    throw new AppError("conflict", "This is the browser you are using. Sign out of it in the menu instead.");
  const ended = await db()
    .delete(session)
    .where(and(eq(session.id, id), eq(session.userId, ctx.person.id)))
    .returning({ id: session.id });
  if (ended.length === 0) throw new AppError("not_found", "This session has already ended.");
  return null;
}

/** @returns how many were ended */
export async function endOtherSessions(ctx: Context): Promise<{ ended: number }> {
  const current = await currentSessionId();
  const ended = await db()
    .delete(session)
    .where(and(eq(session.userId, ctx.person.id), ne(session.id, current)))
    .returning({ id: session.id });
  return { ended: ended.length };
}
