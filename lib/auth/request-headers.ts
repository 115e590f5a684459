import { AsyncLocalStorage } from "node:async_hooks";
import { parseSetCookieHeader, toCookieOptions } from "better-auth/cookies";
import { once } from "@/lib/kernel/once";

const storage = () => once("request-headers", () => new AsyncLocalStorage<Headers>());

/** Run `work` as if it were a request with these headers: how doors are tried without a browser. */
export const withRequestHeaders = <T>(headers: Headers, work: () => T): T => storage().run(headers, work);

/** Headers of the request being answered, in an action or a page. */
export async function requestHeaders(): Promise<Headers> {
  const given = storage().getStore();
  if (given) return given;
  const { headers } = await import("next/headers");
  return new Headers(await headers());
}

/**
 * Set the cookies of better-auth's answer on the action that is running. Its own Next plugin does this for calls of
 * `auth.api` only, and those bypass the rate limit.
 */
export async function passCookies(answer: Response): Promise<void> {
  const header = answer.headers.get("set-cookie");
  // Without a browser there is no jar.
  if (!header || storage().getStore()) return;
  const { cookies } = await import("next/headers");
  const jar = await cookies();
  for (const [name, cookie] of parseSetCookieHeader(header))
    jar.set(name, cookie.value, toCookieOptions(cookie));
}
