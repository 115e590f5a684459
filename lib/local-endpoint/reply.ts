import type { Context } from "hono";
import { AppError, HTTP_STATUS, toPublicError } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";

/** JSON text that is already written: outputs pass through as their worker spelled them. */
export const rawJson = (c: Context, text: string, status: 200 | 400 = 200): Response =>
  c.body(text, status, { "content-type": "application/json", "cache-control": "no-store" });

/** Every refusal of the job API and the worker protocol is `{"error": "<sentence>"}`. */
export function errorReply(c: Context, error: unknown): Response {
  const told = toPublicError(error);
  if (!(error instanceof AppError))
    log.error({ err: error, path: c.req.path }, "a local endpoint request failed");
  if (told.retryAfterMs !== undefined) c.header("retry-after", String(Math.ceil(told.retryAfterMs / 1000)));
  c.header("cache-control", "no-store");
  return c.json({ error: told.message }, HTTP_STATUS[told.code]);
}

/** A whole number from the query, kept within bounds; `fallback` when it is missing or not a number. */
export function queryNumber(
  c: Context,
  name: string,
  bounds: { min: number; max: number; fallback: number },
): number {
  const value = Number.parseInt(c.req.query(name) ?? "", 10);
  return Number.isNaN(value) ? bounds.fallback : Math.min(bounds.max, Math.max(bounds.min, value));
}
