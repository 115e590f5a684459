import { formatJson, topLevelMembers } from "@/lib/requests/json-layout";
import { readJsonObject, WIRE_KEYS } from "@/lib/requests/json-text";

export type WholeRequest = {
  inputText: string;
  webhook?: string;
  executionTimeoutMs?: number;
  ttlMs?: number;
  lowPriority?: boolean;
  s3?: { accessId: string; accessSecret: string; bucketName: string; endpointUrl: string };
  /** Keys that the provider would discard, with their paths; they are left out. */
  unknownKeys: string[];
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

const POLICY_KEYS = ["executionTimeout", "ttl", "lowPriority"];
const S3_KEYS = ["accessId", "accessSecret", "bucketName", "endpointUrl"];
const unknownIn = (value: object, known: readonly string[], path = ""): string[] =>
  Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => path + key);

/**
 * Somebody pasted a whole request body where its input belongs: take it apart. The input keeps its spelling.
 * @returns null when the text is not an object that holds an object `input`.
 */
export function readWholeRequest(jsonText: string): WholeRequest | null {
  const read = readJsonObject(jsonText);
  if (!read.ok || !isObject(read.value.input)) return null;
  const raw = topLevelMembers(jsonText).findLast(({ key }) => key === "input")?.raw;
  if (raw === undefined) return null;
  const { webhook, policy, s3Config } = read.value;
  const unknownKeys = unknownIn(read.value, WIRE_KEYS);
  if (isObject(policy)) unknownKeys.push(...unknownIn(policy, POLICY_KEYS, "policy."));
  if (isObject(s3Config)) unknownKeys.push(...unknownIn(s3Config, S3_KEYS, "s3Config."));
  return {
    inputText: formatJson(raw),
    ...(typeof webhook === "string" && { webhook }),
    ...(isObject(policy) && {
      executionTimeoutMs: number(policy.executionTimeout),
      ttlMs: number(policy.ttl),
      lowPriority: policy.lowPriority === true,
    }),
    ...(isObject(s3Config) && {
      s3: {
        accessId: text(s3Config.accessId),
        accessSecret: text(s3Config.accessSecret),
        bucketName: text(s3Config.bucketName),
        endpointUrl: text(s3Config.endpointUrl),
      },
    }),
    unknownKeys,
  };
}
