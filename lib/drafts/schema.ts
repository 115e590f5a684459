import { z } from "zod";

/** Characters of the input. Larger ones are not kept as drafts: each pause in typing would carry them to the server. */
export const DRAFT_INPUT_MAX_CHARACTERS = 1_000_000;

/** A request that is being written: nothing of it needs to be valid yet, and no S3 secret is in it. */
export const draftContentSchema = z.object({
  endpointId: z.uuid().nullable(),
  inputText: z.string().max(DRAFT_INPUT_MAX_CHARACTERS),
  webhook: z.string().max(4096).optional(),
  executionTimeoutMs: z.number().optional(),
  ttlMs: z.number().optional(),
  lowPriority: z.boolean().optional(),
  s3: z
    .object({
      accessId: z.string().max(1024),
      bucketName: z.string().max(1024),
      endpointUrl: z.string().max(4096),
    })
    .optional(),
});
export type DraftContent = z.output<typeof draftContentSchema>;

export const NO_ENDPOINT_SLOT = "none";
export const endpointSlot = (endpointId: string | null): string => endpointId || NO_ENDPOINT_SLOT;
export const jobSlot = (jobId: string): string => `job:${jobId}`;

const slot = z.string().regex(/^(?:none|(?:job:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/);

export const draftSlotSchema = z.object({ slot });
export const saveDraftSchema = z.object({
  slot,
  /** The version that the writer saw last; 0: none. */
  basedOn: z
    .int()
    .min(0)
    .max(2 ** 31 - 2),
  content: draftContentSchema,
});

export type Draft = { content: DraftContent; version: number; savedAt: string };
export type SavedDraft = {
  version: number;
  savedAt: string;
  /** What stood there and was not what the writer had seen: another tab or device wrote it. The newest wins. */
  replaced: DraftContent | null;
};
