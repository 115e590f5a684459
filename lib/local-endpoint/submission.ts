import { z } from "zod";
import { AppError } from "@/lib/kernel/errors";
import { readMembers, spliceMembers } from "@/lib/local-endpoint/json-members";
import { findJsonExcess } from "@/lib/requests/json-excess";
import { EXECUTION_TIMEOUT_MS, TTL_MS } from "@/lib/requests/limits";

/** A request as the queue keeps it. */
export type Submission = {
  /** The body with the known members only, each spelled as it came. Sealed at rest: it may carry `s3Config`. */
  body: string;
  executionTimeoutMs: number;
  ttlMs: number;
  lowPriority: boolean;
  hasWebhook: boolean;
};

const milliseconds = ({ min, max }: { min: number; max: number }) =>
  z
    .int("must be a whole number of milliseconds")
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .optional();

const policySchema = z.object(
  {
    executionTimeout: milliseconds(EXECUTION_TIMEOUT_MS),
    ttl: milliseconds(TTL_MS),
    lowPriority: z.boolean("must be true or false").optional(),
  },
  "must be an object",
);
const text = z.string("must be text").min(1, "must not be empty");
const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }).max(2048);
const s3Schema = z.object(
  {
    accessId: text,
    accessSecret: text,
    bucketName: text,
    endpointUrl: httpUrl,
    objectPath: text.optional(),
  },
  "must be an object",
);
const requestSchema = z.object({
  webhook: httpUrl.nullish(),
  policy: policySchema.nullish(),
  s3Config: s3Schema.nullish(),
});

/**
 * Read the body of `/run` or `/runsync`. Unknown top-level keys are dropped, as on the platform.
 * @throws AppError `invalid` with a sentence that names the field.
 */
export function readSubmission(bodyText: string): Submission {
  const excess = findJsonExcess(bodyText);
  if (excess) throw new AppError("invalid", `The request was not accepted: the body ${excess}.`);
  let members: Map<string, string>;
  try {
    members = readMembers(bodyText);
  } catch {
    throw new AppError("invalid", "The body must be a JSON object with an input.");
  }
  const input = members.get("input");
  if (!input?.startsWith("{"))
    throw new AppError(
      "invalid",
      `The request was not accepted: input ${input === undefined ? "is required" : "must be an object"}.`,
    );
  const values = Object.fromEntries(
    ["webhook", "policy", "s3Config"].flatMap((key) => {
      const raw = members.get(key);
      return raw === undefined ? [] : [[key, JSON.parse(raw) as unknown]];
    }),
  );
  const parsed = requestSchema.safeParse(values);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new AppError("invalid", `The request was not accepted: ${sentences.join("; ")}.`);
  }
  const { policy, webhook, s3Config } = parsed.data;
  return {
    body: spliceMembers({
      input,
      webhook: webhook ? members.get("webhook") : undefined,
      policy: policy ? members.get("policy") : undefined,
      s3Config: s3Config ? members.get("s3Config") : undefined,
    }),
    executionTimeoutMs: policy?.executionTimeout ?? EXECUTION_TIMEOUT_MS.default,
    ttlMs: policy?.ttl ?? TTL_MS.default,
    lowPriority: policy?.lowPriority ?? false,
    hasWebhook: Boolean(webhook),
  };
}

/**
 * What a worker is given of a sealed body: `id`, `input` and `s3Config`. An empty input loses its key on the way, as on
 * the platform, so the worker refuses the job and it fails about 40 s after each pickup.
 */
export function workerJob(jobId: string, body: string): string {
  const members = readMembers(body);
  const input = members.get("input");
  return spliceMembers({
    id: JSON.stringify(jobId),
    input: input && /^\{\s*\}$/.test(input) ? undefined : input,
    s3Config: members.get("s3Config"),
  });
}

/** What the webhook of a job needs of its sealed body. */
export function webhookParts(body: string): {
  url: string | undefined;
  members: Record<string, string | undefined>;
} {
  const members = readMembers(body);
  const webhook = members.get("webhook");
  return {
    url: webhook === undefined ? undefined : (JSON.parse(webhook) as string),
    members: { input: members.get("input"), webhook },
  };
}
