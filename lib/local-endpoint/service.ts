import { availableParallelism } from "node:os";
import type { Context } from "@/lib/auth/context";
import { requirePermission } from "@/lib/auth/context";
import { may } from "@/lib/auth/permissions";
import { db, type Tx } from "@/lib/db/client";
import { loadEndpoint } from "@/lib/endpoints/connection";
import { env } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { newId, newToken, tokenHash } from "@/lib/kernel/ids";
import { workerKeyPlace, workerVariables } from "@/lib/local-endpoint/attach";
import {
  deleteEndpoint,
  findWorkerKey,
  insertEndpoint,
  replaceWorkerKey,
} from "@/lib/local-endpoint/store-endpoint";
import { MASK } from "@/lib/requests/wire";
import { vault } from "@/lib/secrets/vault";

/** A handler that Jobdeck brings along, or null where only workers from outside attach. */
export type BuiltInHandler = "sample-text" | "sample-image";

/** Rendering keeps a core busy, so an image endpoint may have two; one text worker serves eight jobs at once. */
const maxWorkersOf = (handler: BuiltInHandler | null): number =>
  handler === "sample-image" ? Math.min(2, availableParallelism()) : 1;

const newWorkerKey = (place: { workspaceId: string; id: string }) => {
  const workerKey = `jdw_${newToken()}`;
  return {
    workerKey,
    workerKeyHash: tokenHash(workerKey),
    workerKeySealed: vault().seal(workerKey, workerKeyPlace(place)),
  };
};

/**
 * Make an endpoint that Jobdeck serves under `/local/v2/{name}`. The name is unique in its workspace.
 * @returns the keys in plain text, once: the API key is stored as a hash only.
 * @throws the driver's unique violation for a name in use.
 */
export async function createLocalEndpoint(
  tx: Tx,
  { workspaceId, name, handler }: { workspaceId: string; name: string; handler: BuiltInHandler | null },
): Promise<{ id: string; apiKey: string; workerKey: string }> {
  const id = newId();
  const apiKey = `jdl_${newToken()}`;
  const { workerKey, ...stored } = newWorkerKey({ workspaceId, id });
  await insertEndpoint(tx, {
    id,
    workspaceId,
    name,
    handler,
    apiKeyHash: tokenHash(apiKey),
    ...stored,
    maxWorkers: maxWorkersOf(handler),
  });
  return { id, apiKey, workerKey };
}

/** Its queue and its workers' keys go with it; workers that run are refused from then on. */
export const removeLocalEndpoint = (
  tx: Tx,
  { workspaceId, name }: { workspaceId: string; name: string },
): Promise<void> => deleteEndpoint(tx, workspaceId, name);

const loadLocal = async (workspaceId: string, endpointId: string) => {
  const row = await loadEndpoint(db(), workspaceId, endpointId);
  const local = row.kind === "local" ? await findWorkerKey(db(), workspaceId, row.upstreamId) : undefined;
  if (!local) throw new AppError("not_found", "This is not a local endpoint.");
  return local;
};

/**
 * The environment with which any worker that speaks the protocol attaches to a local endpoint. Whoever has the worker
 * key is given jobs, storage keys included, so people below `credentials:edit` see it covered.
 * @param endpointId of the `endpoint` row.
 */
export async function workerEnvironment(
  ctx: Context,
  endpointId: string,
): Promise<{ variables: Record<string, string>; keyShown: boolean }> {
  requirePermission(ctx.role, "endpoints:read");
  const local = await loadLocal(ctx.workspace.id, endpointId);
  const keyShown = may(ctx.role, "credentials:edit");
  const workerKey = keyShown
    ? vault().open(local.workerKeySealed, workerKeyPlace({ workspaceId: ctx.workspace.id, id: local.id }))
    : MASK;
  const origin = env().publicUrl ?? env().internalUrl;
  return {
    variables: workerVariables({ origin, name: local.name, workerKey, workerId: "my-worker-1" }),
    keyShown,
  };
}

/** The same with the key in plain text, for a click of somebody who may hold keys. */
export function showWorkerEnvironment(
  ctx: Context,
  { id }: { id: string },
): Promise<{ variables: Record<string, string>; keyShown: boolean }> {
  requirePermission(ctx.role, "credentials:edit");
  return workerEnvironment(ctx, id);
}

/** Replace the worker key: workers that attached with the old one are refused from now on, and ours start anew. */
export async function rotateWorkerKey(ctx: Context, { id }: { id: string }): Promise<null> {
  requirePermission(ctx.role, "credentials:edit");
  const local = await loadLocal(ctx.workspace.id, id);
  const place = { workspaceId: ctx.workspace.id, id: local.id };
  const { workerKeyHash, workerKeySealed } = newWorkerKey(place);
  await replaceWorkerKey(db(), place, { workerKeyHash, workerKeySealed });
  return null;
}
