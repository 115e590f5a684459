import { createHmac, timingSafeEqual } from "node:crypto";
import { parseCookies } from "better-auth/cookies";
import { COOKIE_PREFIX } from "@/lib/auth/auth";
import { authSecret } from "@/lib/secrets/vault";

const NAMES = [`${COOKIE_PREFIX}.session_token`, `__Secure-${COOKIE_PREFIX}.session_token`] as const;

/**
 * Whether a request carries a session cookie that this installation once signed. Asks no database, so it does not say
 * that the session still lives: it only tells strangers from people who were let in at some time, before their bodies
 * are read. Who may do what is decided behind the doors.
 */
export function carriesOurCookie(cookieHeader: string | undefined): boolean {
  if (!cookieHeader) return false;
  const cookies = parseCookies(cookieHeader);
  return NAMES.some((name) => isSigned(cookies.get(name)));
}

/** better-auth's form: `<token>.<base64 of HMAC-SHA-256>`, percent-encoded. */
function isSigned(value: string | undefined): boolean {
  if (!value) return false;
  let text: string;
  try {
    text = decodeURIComponent(value);
  } catch {
    return false; // not one of ours
  }
  const dot = text.lastIndexOf(".");
  const given = Buffer.from(text.slice(dot + 1), "base64");
  const right = createHmac("sha256", authSecret())
    .update(text.slice(0, Math.max(0, dot)))
    .digest();
  return dot > 0 && given.length === right.length && timingSafeEqual(given, right);
}
