import type { Context } from "hono";
import { whileDatabaseIsDown } from "@/lib/db/retry";
import { AppError } from "@/lib/kernel/errors";
import { tokenHash } from "@/lib/kernel/ids";
import type { LocalEndpointDeps } from "@/lib/local-endpoint/deps";
import { errorReply } from "@/lib/local-endpoint/reply";
import { findByKey, type LocalEndpointRow } from "@/lib/local-endpoint/store-endpoint";
import type { LimitedOperation } from "@/lib/requests/limits";

/** `Authorization: Bearer <key>` and the bare key, which workers and the platform's own examples send. */
function readKey(c: Context): string | undefined {
  const key = c.req
    .header("authorization")
    ?.replace(/^Bearer\s+/i, "")
    .trim();
  return key || undefined;
}

/**
 * How long one step of a request waits for a database that restarts before it is answered 503. A submit has two such
 * steps, and both together stay below the 20 s that our own sender waits.
 */
export const OUTAGE_MS = 6_000;

/**
 * Whose request is this? The key alone decides the workspace; the name in the path must be the key's endpoint.
 * @throws AppError `unauthenticated` for no or an unknown key, `not_found` for another endpoint's name.
 */
export async function authenticate(
  c: Context,
  kind: "api" | "worker",
  deps: LocalEndpointDeps,
): Promise<LocalEndpointRow> {
  const key = readKey(c);
  const what = kind === "api" ? "API key of a local endpoint" : "worker key of a local endpoint";
  if (!key) throw new AppError("unauthenticated", `The Authorization header is missing. Send the ${what}.`);
  const endpoint = await whileDatabaseIsDown(() => findByKey(deps.db(), kind, tokenHash(key)), OUTAGE_MS);
  if (!endpoint)
    throw new AppError("unauthenticated", `The Authorization header does not carry the ${what}.`);
  if (endpoint.name !== c.req.param("name"))
    throw new AppError("not_found", "There is no such endpoint, or this key belongs to another one.");
  return endpoint;
}

type Handle = (c: Context, endpoint: LocalEndpointRow) => Promise<Response>;

/** A route's whole frame: key, rate limit, and errors as JSON. */
export const door =
  (deps: LocalEndpointDeps, rule: { key: "api" | "worker"; limit?: LimitedOperation }, handle: Handle) =>
  async (c: Context): Promise<Response> => {
    let leave: (() => void) | undefined;
    try {
      const endpoint = await authenticate(c, rule.key, deps);
      if (rule.limit) leave = await deps.limit().enter(endpoint.id, rule.limit);
      return await handle(c, endpoint);
    } catch (error) {
      return errorReply(c, error);
    } finally {
      leave?.();
    }
  };

/** What an id of ours or of a worker can look like. */
export const ID = /^[\w.:~-]{1,200}$/;

/** Ids in paths come from outside; what no id of ours or of a worker can be is answered without asking the database. */
export function pathId(c: Context, name: string): string {
  const id = c.req.param(name) ?? "";
  if (!ID.test(id)) throw new AppError("not_found", `The path holds no usable ${name} id.`);
  return id;
}
