import { createHash } from "node:crypto";
import { type RequestSpec, requestSchema } from "@/lib/requests/schema";
import { wireBody } from "@/lib/requests/wire";
import { vault } from "@/lib/secrets/vault";

export type SealedRequest = { spec: RequestSpec; hookToken: string };

const place = (row: { id: string; workspaceId: string }) => ({
  workspaceId: row.workspaceId,
  kind: "job-request",
  rowId: row.id,
});

export const sealRequest = (row: { id: string; workspaceId: string }, request: SealedRequest): string =>
  vault().seal(JSON.stringify(request), place(row));

export function openRequest(row: { id: string; workspaceId: string; requestSealed: string }): SealedRequest {
  const { spec, hookToken } = JSON.parse(vault().open(row.requestSealed, place(row)));
  return { spec: requestSchema.parse(spec), hookToken };
}

/** Two submits with one client key must mean the same request. SHA-256, hex. */
export const payloadHash = (endpointId: string, spec: RequestSpec): string =>
  createHash("sha256").update(endpointId).update("\n").update(wireBody(spec)).digest("hex");
