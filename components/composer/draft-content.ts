import type { ComposeStart, ComposeValues } from "@/components/composer/compose-values";
import { EMPTY_INPUT, STARTER_INPUTS } from "@/components/composer/starter-requests";
import type { DraftContent } from "@/lib/drafts/schema";

const UNTOUCHED = new Set([EMPTY_INPUT, ...Object.values(STARTER_INPUTS)].map((text) => text.trim()));
export const isUntouched = (inputText: string): boolean => UNTOUCHED.has(inputText.trim());

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const time = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** What of the form is kept. The S3 secret is not: it is typed again. */
export function toDraft({ endpointId, request }: ComposeValues): DraftContent {
  const { s3 } = request;
  return {
    endpointId: endpointId || null,
    inputText: request.inputText,
    webhook: text(request.webhook),
    executionTimeoutMs: time(request.executionTimeoutMs),
    ttlMs: time(request.ttlMs),
    lowPriority: request.lowPriority || undefined,
    s3: s3 && { accessId: s3.accessId, bucketName: s3.bucketName, endpointUrl: s3.endpointUrl },
  };
}

export function fromDraft({ endpointId, s3, ...request }: DraftContent): ComposeStart {
  return { endpointId, request: { ...request, s3: s3 && { ...s3, accessSecret: "" } } };
}

/** What the page offers by itself is nobody's work. */
export function isWorthKeeping({ endpointId: _, inputText, ...settings }: DraftContent): boolean {
  return !isUntouched(inputText) || Object.values(settings).some((value) => value !== undefined);
}
