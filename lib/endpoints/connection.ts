import { and, eq, sql } from "drizzle-orm";
import type { Db, Tx } from "@/lib/db/client";
import { endpoint } from "@/lib/db/tables/endpoints";
import { type EndpointKind, RUNPOD_BASE_URL } from "@/lib/endpoints/schema";
import { env } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { vault } from "@/lib/secrets/vault";
import { createEndpointClient, type EndpointClient } from "@/lib/upstream/client";
import { guardedDispatcher, trustedDispatcher } from "@/lib/upstream/transport";

export type EndpointRecord = typeof endpoint.$inferSelect;

export const sealedKeyPlace = (row: { workspaceId: string; id: string }) => ({
  workspaceId: row.workspaceId,
  kind: "endpoint-api-key",
  rowId: row.id,
});

/** Everything before `/{upstreamId}`. */
export function baseUrlOf(row: { kind: string; baseUrl: string | null }): string {
  if (row.kind === "local") return `${env().internalUrl}/local/v2`;
  if (row.kind === "custom" && row.baseUrl) return row.baseUrl;
  return RUNPOD_BASE_URL;
}

type Target = {
  kind: EndpointKind | (string & {});
  baseUrl: string | null;
  upstreamId: string;
  apiKey: string;
};

/** Addresses that people gave go through the guard; our own configuration's do not. */
export function connectTo(target: Target): EndpointClient {
  const baseUrl = baseUrlOf(target);
  return createEndpointClient({
    baseUrl,
    upstreamId: target.upstreamId,
    apiKey: target.apiKey,
    maxOutputBytes: env().maxOutputBytes,
    dispatcher: () => (target.kind === "custom" ? guardedDispatcher(new URL(baseUrl)) : trustedDispatcher()),
  });
}

export const connect = (row: EndpointRecord): EndpointClient =>
  connectTo({ ...row, apiKey: vault().open(row.apiKeySealed, sealedKeyPlace(row)) });

/** @throws AppError `not_found`: also for endpoints of other workspaces. */
export async function loadEndpoint(db: Db | Tx, workspaceId: string, id: string): Promise<EndpointRecord> {
  const [row] = await db
    .select()
    .from(endpoint)
    .where(and(eq(endpoint.workspaceId, workspaceId), eq(endpoint.id, id)));
  if (!row) throw new AppError("not_found", "There is no such endpoint in this workspace.");
  return row;
}

/**
 * For sending. Inside a transaction that holds the workspace's rev lock it is also safe from a removal at the same
 * moment, which takes that lock too.
 * @throws AppError `not_found`, or `conflict` when it was removed.
 */
export async function loadSendable(db: Db | Tx, workspaceId: string, id: string): Promise<EndpointRecord> {
  const row = await loadEndpoint(db, workspaceId, id);
  if (row.removedAt)
    throw new AppError("conflict", "This endpoint was removed. Choose another one; nothing was sent.");
  return row;
}

/**
 * Where the provider should call us back, or null when it cannot reach us. The built-in endpoint always can.
 */
export function hookOrigin(kind: string): string | null {
  return kind === "local" ? env().internalUrl : (env().publicUrl ?? null);
}

/** Stop sending to and polling an endpoint that refuses our key, until a person resumes it. */
export async function pauseEndpoint(db: Db | Tx, row: EndpointRecord, reason: string): Promise<void> {
  await db
    .update(endpoint)
    .set({ pausedAt: sql`now()`, pausedReason: reason.slice(0, 500), updatedAt: sql`now()` })
    .where(and(eq(endpoint.id, row.id), eq(endpoint.workspaceId, row.workspaceId)));
}
