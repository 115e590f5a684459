import { formatJson, topLevelMembers } from "@/components/composer/json-layout";
import { readJsonObject, WIRE_KEYS } from "@/lib/requests/json-text";

export type WholeRequest = {
  inputText: string;
  webhook?: string;
  executionTimeoutMs?: number;
  ttlMs?: number;
  lowPriority?: boolean;
  s3?: { accessId: string; accessSecret: string; bucketName: string; endpointUrl: string };
  /** Keys that the provider would discard; they are left out. */
  unknownKeys: string[];
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

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
    unknownKeys: Object.keys(read.value).filter((key) => !(WIRE_KEYS as readonly string[]).includes(key)),
  };
}
