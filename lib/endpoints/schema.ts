import { z } from "zod";

export const RUNPOD_BASE_URL = "https://api.runpod.ai/v2";
export const ENDPOINT_KINDS = ["runpod", "custom", "local"] as const;
export type EndpointKind = (typeof ENDPOINT_KINDS)[number];

const name = z
  .string()
  .trim()
  .min(1, "Give the endpoint a name.")
  .max(80, "A name may have at most 80 characters.")
  .regex(/^[^\p{Cc}]*$/u, "A name may not contain control characters.");

/** The provider's ids and slugs: no slash, so an id can never leave its path segment. */
const upstreamId = z
  .string()
  .trim()
  .min(1, "The endpoint id is missing.")
  .max(128)
  .regex(/^[A-Za-z0-9_-]+$/, "An endpoint id has only letters, digits, - and _, for example vsrx8zdokf21gz.");

const apiKey = z
  .string()
  .trim()
  .min(1, "The API key is missing.")
  .max(1024)
  .regex(/^[\x21-\x7e]+$/, "An API key has no blanks and only ASCII characters.");

const baseUrl = z
  .string()
  .trim()
  .max(2048)
  .transform((value) => value.replace(/\/+$/, ""))
  .refine((value) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    const isPlain = url && !url.username && !url.password && !url.search && !url.hash;
    return isPlain && /^https?:$/.test(url.protocol);
  }, "The base URL must start with https:// (or http:// inside your own network) and have no query, for example https://proxy.example.com/v2.");

export const addEndpointSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("runpod"), name, upstreamId, apiKey }),
  z.object({ kind: z.literal("custom"), name, upstreamId, apiKey, baseUrl }),
  z.object({
    kind: z.literal("local"),
    name: name.regex(
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      "A local endpoint's name has only a-z, 0-9 and -, at most 63.",
    ),
  }),
]);
export type AddEndpoint = z.output<typeof addEndpointSchema>;

export const editEndpointSchema = z.object({
  id: z.uuid(),
  name: name.optional(),
  upstreamId: upstreamId.optional(),
  baseUrl: baseUrl.optional(),
  /** Absent: the stored key stays. */
  apiKey: apiKey.optional(),
});
export const endpointIdSchema = z.object({ id: z.uuid() });

/** With `id` and no `apiKey`, the stored key of that endpoint is tried (at its stored address only). */
export const testConnectionSchema = z.union([
  z.object({ id: z.uuid() }).strict(),
  z.object({ kind: z.literal("runpod"), upstreamId, apiKey }),
  z.object({ kind: z.literal("custom"), upstreamId, apiKey, baseUrl }),
]);
export type TestConnection = z.output<typeof testConnectionSchema>;

export const healthSchema = z.object({
  jobs: z.record(z.string(), z.number()),
  workers: z.record(z.string(), z.number()),
});
export type Health = z.output<typeof healthSchema>;

export const CONNECTION_OUTCOMES = [
  "ok",
  "slow",
  "wrong_key",
  "wrong_id",
  "unreachable",
  "refused_address",
  "not_an_endpoint",
  "throttled",
] as const;
export const connectionReportSchema = z.object({
  outcome: z.enum(CONNECTION_OUTCOMES),
  /** How long the answer took. */
  ms: z.number().int(),
  /** What happened and what to do, in plain words. */
  message: z.string(),
  health: healthSchema.optional(),
});
export type ConnectionReport = z.output<typeof connectionReportSchema>;

const instant = z.string().describe("ISO 8601, UTC");
const waiting = z.object({
  jobs: z.number().int(),
  lateMs: z
    .number()
    .nullable()
    .describe("How overdue the most overdue one is, 0 when none is; null when none is waited for"),
});

/** How hard an endpoint is asked by all processes together, and how late they are. */
export const pressureSchema = z.object({
  now: instant.describe("The database's clock, which the other instants come from"),
  pausedAt: instant.nullable(),
  pausedReason: z.string().nullable(),
  circuits: z
    .array(
      z.object({
        operation: z.enum(["run", "status"]),
        openedAt: instant,
        retryAt: instant.nullable(),
        words: z.string(),
      }),
    )
    .describe("What has been failing in a row and is asked seldom until it answers"),
  rates: z.array(
    z.object({
      operation: z.enum(["run", "status", "cancel"]),
      perSecond: z.number().describe("Over the last five to ten seconds"),
      allowedPerSecond: z.number().describe("Jobdeck's own limit at present"),
      limitPerSecond: z.number().describe("The provider's limit"),
      pausedUntil: instant.nullable().describe("After a 429 nothing is asked until then"),
      slowedUntil: instant.nullable().describe("When the full rate is reached again, without another 429"),
    }),
  ),
  lag: z.object({ running: waiting, queued: waiting, unsent: waiting }),
});
export type Pressure = z.output<typeof pressureSchema>;

export const endpointRowSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(ENDPOINT_KINDS),
  upstreamId: z.string(),
  baseUrl: z.string().nullable(),
  apiKeyLast4: z.string(),
  pausedAt: z.string().nullable(),
  pausedReason: z.string().nullable(),
  trouble: z
    .object({ words: z.string(), since: z.string() })
    .nullable()
    .describe("It has been failing again and again: it is asked seldom, and its jobs wait"),
  createdAt: z.string(),
  sample: z.enum(["sample-text", "sample-image"]).nullable(),
  hookOrigin: z
    .string()
    .nullable()
    .describe("Where the provider calls Jobdeck back; null: it calls the request's own webhook"),
});
export type EndpointRow = z.output<typeof endpointRowSchema>;
