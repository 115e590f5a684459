import { describe, expect, it } from "vitest";
import { requestSchema } from "@/lib/requests/schema";

const problems = (fields: object): Record<string, string> => {
  const parsed = requestSchema.safeParse({ inputText: "{}", ...fields });
  if (parsed.success) return {};
  return Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.join("."), issue.message]));
};
const MEGABYTES_10 = 10 * 1024 * 1024;
const DAYS_7 = 7 * 24 * 3600 * 1000;
const ofBytes = (bytes: number) => `{"x":"${"x".repeat(bytes - 8)}"}`;
const S3 = { accessId: "a", accessSecret: "s", bucketName: "b", endpointUrl: "https://s3.example" };

describe("a request", () => {
  it.each<[name: string, fields: object]>([
    ["of just an input", {}],
    ["of exactly 10 MB", { inputText: ofBytes(MEGABYTES_10) }],
    ["with the shortest times", { executionTimeoutMs: 5000, ttlMs: 10_000 }],
    ["with the longest times", { executionTimeoutMs: DAYS_7, ttlMs: DAYS_7 }],
    ["with fields left blank", { webhook: "", executionTimeoutMs: "", ttlMs: null }],
    ["with a webhook inside the own network", { webhook: "http://10.0.0.1:8080/x?y#z" }],
    ["with S3 settings whose secret the server knows", { s3: { ...S3, accessSecret: "" } }],
  ])("%s is fine", (_name, fields) => expect(problems(fields)).toEqual({}));

  it.each<[name: string, fields: object, field: string, words: RegExp]>([
    ["one byte over 10 MB", { inputText: ofBytes(MEGABYTES_10 + 1) }, "inputText", /at most 10\.0 MB/],
    [
      "10 MB by bytes, not by characters",
      { inputText: `{"x":"${"é".repeat(MEGABYTES_10 / 2)}"}` },
      "inputText",
      /at most 10\.0 MB/,
    ],
    ["an empty input text", { inputText: " " }, "inputText", /empty/],
    ["a list as input", { inputText: "[1]" }, "inputText", /object/],
    ["broken JSON", { inputText: '{"a":1,}' }, "inputText", /not valid JSON/],
    ["4,999 ms to run", { executionTimeoutMs: 4999 }, "executionTimeoutMs", /at least 5 seconds \(5000 ms\)/],
    [
      "more than 7 days to run",
      { executionTimeoutMs: DAYS_7 + 1 },
      "executionTimeoutMs",
      /at most 7 days \(604800000 ms\)/,
    ],
    ["9,999 ms to live", { ttlMs: 9999 }, "ttlMs", /at least 10 seconds \(10000 ms\)/],
    ["more than 7 days to live", { ttlMs: DAYS_7 + 1 }, "ttlMs", /at most 7 days/],
    ["half a millisecond", { ttlMs: 10_000.5 }, "ttlMs", /whole number/],
    ["a time as text", { ttlMs: "10000" }, "ttlMs", /whole number/],
    ["a webhook that is a path", { webhook: "/hook" }, "webhook", /full address/],
    ["a webhook of another kind", { webhook: "javascript:alert(1)" }, "webhook", /https:\/\/ or http:\/\//],
    ["a webhook to a file", { webhook: "file:///etc/passwd" }, "webhook", /full address/],
    ["an endless webhook", { webhook: `https://x.example/${"x".repeat(2048)}` }, "webhook", /2,048/],
    ["no bucket", { s3: { ...S3, bucketName: " " } }, "s3.bucketName", /missing/],
    ["no key id", { s3: { ...S3, accessId: "" } }, "s3.accessId", /missing/],
    [
      "an S3 address that is none",
      { s3: { ...S3, endpointUrl: "s3.example" } },
      "s3.endpointUrl",
      /full address/,
    ],
  ])("with %s is refused with words at its field", (_name, fields, field, words) => {
    expect(problems(fields)).toEqual({ [field]: expect.stringMatching(words) });
  });

  it("keeps its input text as it was typed and drops what it does not know", () => {
    const inputText = ' {"n":1.0,\n"big":12345678901234567890}\n';
    expect(requestSchema.parse({ inputText, __proto__: { admin: true }, extra: 1 })).toEqual({
      inputText,
      lowPriority: false,
    });
  });
});
