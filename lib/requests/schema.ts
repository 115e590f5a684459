import { z } from "zod";
import { readJsonObject } from "@/lib/requests/json-text";
import { EXECUTION_TIMEOUT_MS, RUN_BODY_MAX_BYTES, TTL_MS } from "@/lib/requests/limits";

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** JSON text of the input object. Kept as text from the editor to the wire, so key order and number spelling survive. */
const inputText = z.string().superRefine((text, ctx) => {
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes > RUN_BODY_MAX_BYTES)
    return ctx.addIssue({
      code: "custom",
      message: `The input is ${megabytes(bytes)}; a request may have at most ${megabytes(RUN_BODY_MAX_BYTES)}. Pass large files as a URL.`,
    });
  const read = readJsonObject(text);
  if (!read.ok) ctx.addIssue({ code: "custom", message: read.message });
});

const httpUrl = (what: string) =>
  z
    .string()
    .trim()
    .max(2048, `${what} may have at most 2,048 characters.`)
    .refine((value) => {
      const url = URL.canParse(value) ? new URL(value) : null;
      return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "";
    }, `${what} must be a full address that starts with https:// or http://.`);

const blankToUndefined = (value: unknown) => (value === "" || value === null ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(blankToUndefined, schema.optional());

const between = (what: string, { min, max }: { min: number; max: number }) =>
  z
    .int(`${what} must be a whole number of milliseconds.`)
    .min(min, `${what} must be at least ${min / 1000} seconds (${min} ms).`)
    .max(max, `${what} may be at most 7 days (${max} ms).`);

export const s3Schema = z.object({
  accessId: z.string().trim().min(1, "The access key id is missing.").max(512),
  /** Empty only in a request made from an earlier job: the server then takes that job's secret. */
  accessSecret: z.string().max(1024),
  bucketName: z.string().trim().min(1, "The bucket name is missing.").max(255),
  endpointUrl: httpUrl("The S3 endpoint URL"),
});

/** What a person composes. The same rules in the form, the action and the API. */
export const requestSchema = z.object({
  inputText,
  webhook: optional(httpUrl("The webhook")),
  executionTimeoutMs: optional(between("The execution timeout", EXECUTION_TIMEOUT_MS)),
  ttlMs: optional(between("The time to live", TTL_MS)),
  lowPriority: z.boolean().default(false),
  s3: s3Schema.optional(),
});
export type RequestSpec = z.output<typeof requestSchema>;
export type RequestFields = z.input<typeof requestSchema>;
