import type { ComposeValues } from "@/components/composer/compose-values";
import { formatDuration } from "@/components/composer/duration-text";
import type { EndpointRow } from "@/lib/endpoints/schema";
import type { PastedRequest } from "@/lib/requests/imports-pasted";

/** The endpoint of this workspace that a pasted request was addressed to. */
export const endpointOf = (
  { address }: PastedRequest,
  endpoints: readonly EndpointRow[],
): EndpointRow | undefined =>
  address ? endpoints.find(({ upstreamId }) => upstreamId === address.endpointId) : undefined;

/** A bare input says nothing about the rest of a request, so the rest stays. */
export const isInputOnly = ({ address, fields }: PastedRequest): boolean =>
  address === null && Object.keys(fields).length === 1;

/** What the form holds after the paste: a whole request replaces the one before, settings included. */
export function filledWith(
  before: ComposeValues,
  pasted: PastedRequest,
  endpoints: readonly EndpointRow[],
): ComposeValues {
  const { fields } = pasted;
  if (isInputOnly(pasted)) return { ...before, request: { ...before.request, ...fields } };
  return {
    endpointId: endpointOf(pasted, endpoints)?.id ?? before.endpointId,
    request: {
      inputText: fields.inputText,
      webhook: fields.webhook ?? "",
      executionTimeoutMs: fields.executionTimeoutMs,
      ttlMs: fields.ttlMs,
      lowPriority: fields.lowPriority ?? false,
      s3: fields.s3,
    },
  };
}

/** What was found besides the input, in the composer's words. */
export function foundSettings({ fields }: PastedRequest): [name: string, value: string][] {
  const found: [string, string][] = [];
  if (fields.webhook) found.push(["Webhook", fields.webhook]);
  if (fields.executionTimeoutMs !== undefined)
    found.push(["Execution timeout", formatDuration(fields.executionTimeoutMs)]);
  if (fields.ttlMs !== undefined) found.push(["Time to live", formatDuration(fields.ttlMs)]);
  if (fields.lowPriority) found.push(["Priority", "low"]);
  if (fields.s3) found.push(["S3 storage", fields.s3.bucketName || "without a bucket name"]);
  return found;
}

/** Keys that the provider would discard, then whatever else was dropped, changed or could not be known. */
export function leftOut({ unknownKeys, notes }: PastedRequest): string[] {
  if (unknownKeys.length === 0) return notes;
  const names = unknownKeys.slice(0, 8).join(", ");
  const more = unknownKeys.length > 8 ? ` and ${unknownKeys.length - 8} more` : "";
  return [
    `${names}${more}: not part of a request, so the provider would discard ${unknownKeys.length === 1 ? "it" : "them"}. Left out.`,
    ...notes,
  ];
}
