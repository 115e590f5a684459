import { hashPassword } from "better-auth/crypto";
import { eq } from "drizzle-orm";
import { askAuth, tooManyAttempts } from "@/lib/auth/ask";
import type { Tx } from "@/lib/db/client";
import { account, user } from "@/lib/db/tables/auth";
import { AppError } from "@/lib/kernel/errors";
import { newId } from "@/lib/kernel/ids";

/**
 * An account with a password, as better-auth reads it, in the caller's transaction: with better-auth's own sign-up the
 * account would stay behind when the rest of the setup or the invite fails.
 * @param person `email` in lower case.
 * @throws AppError `conflict` when the address has an account.
 */
export async function createAccount(
  tx: Tx,
  person: { name: string; email: string; password: string },
): Promise<string> {
  const [known] = await tx.select({ id: user.id }).from(user).where(eq(user.email, person.email));
  if (known) {
    const message = "This mail address already has an account. Sign in first, then open the invite again.";
    throw new AppError("conflict", message, { fields: { "account.email": message } });
  }
  const id = newId();
  await tx.insert(user).values({ id, name: person.name, email: person.email });
  await tx.insert(account).values({
    id: newId(),
    accountId: id,
    providerId: "credential",
    userId: id,
    password: await hashPassword(person.password),
  });
  return id;
}

/** @throws AppError `unauthenticated` (the same for an unknown address and a wrong password), `too_many`. */
export async function signIn(
  input: { email: string; password: string },
  headers: Headers,
): Promise<Response> {
  const response = await askAuth("sign-in/email", headers, input);
  if (response.ok) return response;
  if (response.status === 429) throw tooManyAttempts(response);
  if (response.status >= 500) throw new Error(`sign-in failed with ${response.status}`);
  throw new AppError("unauthenticated", "The mail address or the password is wrong.");
}

export const signOut = (headers: Headers): Promise<Response> => askAuth("sign-out", headers, {});
