import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

export const newNonce = (): string => randomBytes(16).toString("base64");

/**
 * The policy of pages. Scripts run by nonce only; Next puts the nonce on its own by reading this header from the request.
 * @param dev Next's development server needs eval and its WebSocket.
 */
export function contentSecurityPolicy(nonce: string, dev: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' 'nonce-${nonce}'`,
    // React and virtual lists position elements by style attributes, which cannot run code.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${dev ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Headers of every answer. Pages and machine paths may replace `cache-control`. */
export function setSecurityHeaders(response: ServerResponse, isHttps: boolean): void {
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("cross-origin-resource-policy", "same-origin");
  response.setHeader("cache-control", "no-store");
  if (isHttps) response.setHeader("strict-transport-security", "max-age=31536000");
}

/** What only documents heed; on the polls of every open tab it would be half of the bytes. */
export function setPageHeaders(response: ServerResponse, policy: string): void {
  response.setHeader("content-security-policy", policy);
  response.setHeader("x-frame-options", "DENY");
  // Setup and invite links carry a token: no other site may learn them.
  response.setHeader("referrer-policy", "same-origin");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()");
}

/**
 * Whether a write comes from our own pages. Browsers send Origin with every write; one that is missing, `null` or of
 * another host is refused, because cookies ride along whoever made the request.
 */
export function isSameOrigin(
  origin: string | undefined,
  host: string | undefined,
  publicUrl: string | undefined,
): boolean {
  if (!origin || !host || !URL.canParse(origin)) return false;
  if (publicUrl && origin === publicUrl) return true;
  const url = new URL(origin);
  return /^https?:$/.test(url.protocol) && url.host === host.toLowerCase();
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
export const isWrite = (request: IncomingMessage): boolean => !SAFE_METHODS.has(request.method ?? "GET");
