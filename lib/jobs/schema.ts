import { z } from "zod";
import { OWN_STATUSES, WIRE_STATUSES } from "@/lib/jobs/lifecycle";
import { requestSchema } from "@/lib/requests/schema";

export const KNOWN_STATUSES = [...OWN_STATUSES, ...WIRE_STATUSES] as const;

const instant = z.string().describe("ISO 8601, UTC");
const milliseconds = z.number().int().nonnegative();

/** One line of the live table. */
export const jobRowSchema = z.object({
  id: z.uuid(),
  status: z.string().describe("A provider status, one of Jobdeck's own, or a word nobody knows yet"),
  rev: z.number().int(),
  endpoint: z.object({ id: z.uuid(), name: z.string() }),
  upstreamId: z.string().nullable(),
  inputSummary: z.string(),
  createdBy: z.object({ name: z.string() }).nullable(),
  createdAt: instant,
  queuedAt: instant.nullable(),
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  delayMs: milliseconds.nullable(),
  executionMs: milliseconds.nullable(),
  outputState: z.enum(["none", "stored", "too_large"]),
  outputBytes: z.number().int().nullable(),
  error: z.string().nullable().describe("Shortened to 300 characters in lists"),
  cancelRequestedAt: instant.nullable(),
});
export type JobRow = z.output<typeof jobRowSchema>;

export const jobEventSchema = z.object({
  id: z.number().int(),
  at: instant,
  kind: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type JobEvent = z.output<typeof jobEventSchema>;

export const jobWebhookSchema = z.object({
  url: z.string().nullable(),
  viaRelay: z.boolean().describe("Jobdeck receives the provider's call and calls this address itself"),
  receipts: z.array(
    z.object({ receivedAt: instant, claimedStatus: z.string().nullable(), bytes: z.number().int() }),
  ),
  delivery: z
    .object({
      attempts: z.number().int(),
      nextAttemptAt: instant,
      deliveredAt: instant.nullable(),
      gaveUpAt: instant.nullable(),
      lastStatus: z.number().int().nullable(),
      lastError: z.string().nullable(),
    })
    .nullable(),
});

/** Everything the job page shows. Secrets of the request are masked. */
export const jobDetailSchema = jobRowSchema.extend({
  request: z.string().describe("The wire body as JSON text, secrets masked"),
  progress: z.string().nullable().describe("JSON text of the latest progress value"),
  output: z.string().nullable().describe("JSON text when at most 1 MB; larger ones only by jobs/{id}/output"),
  outputLimitBytes: z.number().int().nullable().describe("What an output that is too large was over"),
  workerId: z.string().nullable(),
  retries: z.number().int(),
  originJobId: z.uuid().nullable(),
  executionTimeoutMs: milliseconds.nullable(),
  ttlMs: milliseconds.nullable(),
  lowPriority: z.boolean(),
  sendStartedAt: instant.nullable(),
  sendAttempts: z.number().int(),
  events: z.array(jobEventSchema),
  webhook: jobWebhookSchema,
});
export type JobDetail = z.output<typeof jobDetailSchema>;

/** PostgreSQL text cannot hold every character that an address can. */
export const statesSchema = z
  .array(
    z
      .string()
      .max(40)
      .regex(/^[^\p{Cc}]*$/u),
  )
  .max(20);

export const jobFilterSchema = z.object({
  state: statesSchema.optional(),
  endpoint: z.uuid().optional(),
  batch: z.uuid().optional(),
});
export type JobFilter = z.output<typeof jobFilterSchema>;

const countsSchema = z.record(z.string(), z.number().int()).describe("Jobs per status");

export const jobPageSchema = z.object({
  jobs: z.array(jobRowSchema),
  nextCursor: z.string().nullable(),
  rev: z.number().int(),
  counts: countsSchema,
});
export type JobPage = z.output<typeof jobPageSchema>;

export const jobChangesSchema = z.object({
  rev: z.number().int(),
  jobs: z.array(jobRowSchema),
  counts: countsSchema.optional().describe("Absent when nothing changed"),
  reset: z.boolean().optional().describe("More than 500 jobs changed: `jobs` is empty, fetch the list anew"),
});
export type JobChanges = z.output<typeof jobChangesSchema>;

export const jobStreamSchema = z.object({
  chunks: z.array(z.object({ seq: z.number().int(), data: z.string().describe("JSON text of one piece") })),
  done: z.boolean(),
});
export type JobStream = z.output<typeof jobStreamSchema>;

/** `clientKey` is made once per intent, in the client: the same key again is the same job. */
export const submitSchema = z.object({
  clientKey: z.uuid(),
  endpointId: z.uuid(),
  request: requestSchema,
  originJobId: z.uuid().optional(),
});
export type SubmitInput = z.output<typeof submitSchema>;

export const jobIdSchema = z.object({ id: z.uuid() });
export const runAgainSchema = jobIdSchema.extend({ clientKey: z.uuid() });
export const submittedSchema = z.object({ id: z.uuid(), status: z.string() });
export type Submitted = z.output<typeof submittedSchema>;
