import { randomBytes } from "node:crypto";
import { hashPassword } from "better-auth/crypto";
import { and, eq, sql } from "drizzle-orm";
import { attemptsKey } from "@/lib/auth/sign-in-limit";
import type { Db } from "@/lib/db/client";
import { account, rateLimit, session, user } from "@/lib/db/tables/auth";
import { AppError } from "@/lib/kernel/errors";

/**
 * For the person who runs the machine: give an account a new random password, end all its sessions, and forget its
 * failed sign-ins.
 * @returns the password, 20 characters, said once and stored only as a hash
 * @throws AppError `not_found`
 */
export async function resetPassword(db: Db, email: string): Promise<string> {
  const password = randomBytes(15).toString("base64url");
  const hash = await hashPassword(password);
  const address = email.trim().toLowerCase();
  await db.transaction(async (tx) => {
    const [person] = await tx.select({ id: user.id }).from(user).where(eq(user.email, address));
    if (!person) throw new AppError("not_found", `There is no account with the mail address ${address}.`);
    await tx
      .update(account)
      .set({ password: hash, updatedAt: sql`now()` })
      .where(and(eq(account.userId, person.id), eq(account.providerId, "credential")));
    await tx.delete(session).where(eq(session.userId, person.id));
    await tx.delete(rateLimit).where(eq(rateLimit.key, attemptsKey(address)));
  });
  return password;
}
