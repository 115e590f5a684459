import type { Context } from "@/lib/auth/context";
import { type EndpointRecord, hookOrigin } from "@/lib/endpoints/connection";
import { payloadHash, sealRequest } from "@/lib/jobs/request-seal";
import type { NewJob } from "@/lib/jobs/store";
import { AppError } from "@/lib/kernel/errors";
import { newId, newToken, tokenHash } from "@/lib/kernel/ids";
import { readJsonObject } from "@/lib/requests/json-text";
import { RUN_BODY_MAX_BYTES } from "@/lib/requests/limits";
import { summarizeInput } from "@/lib/requests/redaction";
import type { RequestSpec } from "@/lib/requests/schema";
import { wireBody } from "@/lib/requests/wire";

/**
 * The row of a job that is about to be journaled: checked against the provider's limits, its request sealed, its webhook
 * token fresh.
 * @throws AppError `too_large` over 10 MB, `invalid` when the input is not a JSON object.
 */
export function draftJob(
  ctx: Context,
  endpoint: EndpointRecord,
  input: {
    clientKey: string;
    spec: RequestSpec;
    originJobId?: string | undefined;
    batch?: { id: string; index: number };
  },
): NewJob {
  const { spec } = input;
  const bytes = Buffer.byteLength(wireBody(spec));
  if (bytes > RUN_BODY_MAX_BYTES)
    throw new AppError(
      "too_large",
      `The request is ${bytes.toLocaleString("en")} bytes; the provider takes at most ${RUN_BODY_MAX_BYTES.toLocaleString("en")}. Pass large files as a URL.`,
    );
  const read = readJsonObject(spec.inputText);
  if (!read.ok)
    throw new AppError("invalid", read.message, { fields: { "request.inputText": read.message } });
  const workspaceId = ctx.workspace.id;
  const id = newId();
  const hookToken = newToken();
  return {
    id,
    workspaceId,
    endpointId: endpoint.id,
    clientKey: input.clientKey,
    requestSealed: sealRequest({ id, workspaceId }, { spec, hookToken }),
    payloadHash: payloadHash(endpoint.id, spec),
    inputSummary: summarizeInput(read.value),
    hookTokenHash: tokenHash(hookToken),
    executionTimeoutMs: spec.executionTimeoutMs ?? null,
    ttlMs: spec.ttlMs ?? null,
    lowPriority: spec.lowPriority,
    relayWebhook: spec.webhook !== undefined && hookOrigin(endpoint.kind) !== null,
    createdBy: ctx.person.id,
    originJobId: input.originJobId ?? null,
    batchId: input.batch?.id ?? null,
    batchIndex: input.batch?.index ?? null,
  };
}
