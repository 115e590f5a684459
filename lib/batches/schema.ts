import { z } from "zod";
import { requestSchema } from "@/lib/requests/schema";

/** Most requests of one submit: the provider's own batch limit. */
export const BATCH_MAX_REQUESTS = 5_000;

/** One set of settings, many inputs. The same `clientKey` again is the same batch. */
export const submitBatchSchema = z.object({
  clientKey: z.uuid(),
  endpointId: z.uuid(),
  name: z
    .string()
    .trim()
    .max(80, "A name may have at most 80 characters.")
    .regex(/^[^\p{Cc}]*$/u, "A name may not contain control characters.")
    .default(""),
  settings: requestSchema.omit({ inputText: true }),
  inputs: z
    .array(requestSchema.shape.inputText)
    .min(1, "There is no input to send.")
    .max(BATCH_MAX_REQUESTS, `A batch may have at most ${BATCH_MAX_REQUESTS.toLocaleString("en")} requests.`),
  pauseAfterFailures: z.int().min(1).max(BATCH_MAX_REQUESTS).optional(),
});
export type SubmitBatch = z.output<typeof submitBatchSchema>;

export const batchIdSchema = z.object({ id: z.uuid() });

export const batchRowSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  endpoint: z.object({ id: z.uuid(), name: z.string() }),
  createdBy: z.object({ name: z.string() }).nullable(),
  createdAt: z.string(),
  total: z.number().int(),
  state: z.enum(["running", "paused", "stopped"]).describe("Whether its unsent jobs may be sent"),
  pauseAfterFailures: z.number().int().nullable(),
  counts: z.record(z.string(), z.number().int()).describe("Jobs per status"),
});
export type BatchRow = z.output<typeof batchRowSchema>;
