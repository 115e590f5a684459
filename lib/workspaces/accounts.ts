import { hashPassword } from "better-auth/crypto";
import { eq } from "drizzle-orm";
import { auth } from "@/lib/auth/auth";
import { passCookies } from "@/lib/auth/request-headers";
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

/** Ask better-auth over its HTTP face, so that its rate limit counts; it sets the cookies of the running action. */
async function ask(path: string, headers: Headers, body: unknown): Promise<Response> {
  const host = headers.get("host") ?? "localhost";
  const passed = new Headers({ "content-type": "application/json" });
  for (const name of ["cookie", "origin", "host", "user-agent", "x-jobdeck-client-address"]) {
    const value = headers.get(name);
    if (value) passed.set(name, value);
  }
  const response = await auth().handler(
    new Request(`http://${host}/api/auth/${path}`, {
      method: "POST",
      headers: passed,
      body: JSON.stringify(body),
    }),
  );
  await passCookies(response);
  return response;
}

/** @throws AppError `unauthenticated` (the same for an unknown address and a wrong password), `too_many`. */
export async function signIn(
  input: { email: string; password: string },
  headers: Headers,
): Promise<Response> {
  const response = await ask("sign-in/email", headers, input);
  if (response.ok) return response;
  if (response.status === 429) {
    const seconds = Number(response.headers.get("x-retry-after")) || 60;
    const minutes = Math.ceil(seconds / 60);
    throw new AppError(
      "too_many",
      `Too many attempts. Wait ${minutes === 1 ? "a minute" : `${minutes} minutes`}, then try again.`,
      { retryAfterMs: seconds * 1000 },
    );
  }
  if (response.status >= 500) throw new Error(`sign-in failed with ${response.status}`);
  throw new AppError("unauthenticated", "The mail address or the password is wrong.");
}

export const signOut = (headers: Headers): Promise<Response> => ask("sign-out", headers, {});
