import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonObject } from "@/lib/requests/json-text";
import { requestSchema } from "@/lib/requests/schema";
import { MASK, maskRequest, wireBody } from "@/lib/requests/wire";
import { EnvelopeReader } from "@/lib/upstream/envelope";

const spec = (fields: object = {}) => requestSchema.parse({ inputText: '{"prompt":"fox"}', ...fields });
const S3 = {
  accessId: "AKIAIOSFODNN7EXAMPLE",
  accessSecret: "planted-secret",
  bucketName: "bucket",
  endpointUrl: "https://s3.example",
};

/** The value of the first `input` member as it is spelled in a wire body. */
function inputOf(body: string): string {
  const pieces: Buffer[] = [];
  const reader = new EnvelopeReader("input", (bytes) => pieces.push(Buffer.from(bytes)));
  reader.push(Buffer.from(body));
  reader.end();
  return Buffer.concat(pieces).toString("utf8");
}

/** Spellings that a parser and a printer would not give back. */
const oddNumber = fc.constantFrom("1.0", "1e3", "1E+3", "-0", "0.10", "12345678901234567890", "1e400", "0e0");
const blank = fc.constantFrom("", " ", "\n\t", "\r\n  ");
const oddString = fc.oneof(
  fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"\\u00e9"', '"\\/"', '"}],{"', '"\\\\\\""', '"\u2028"'),
);
const { value: oddValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    oddNumber,
    oddString,
    fc.constantFrom("true", "false", "null"),
    fc
      .tuple(blank, fc.array(tie("value"), { maxLength: 3 }))
      .map(([b, list]) => `[${list.join(`${b},`)}${b}]`),
    tie("object"),
  ),
  object: fc
    .tuple(blank, fc.array(fc.tuple(oddString, tie("value")), { maxLength: 4 }))
    .map(([b, members]) => `{${b}${members.map(([k, v]) => `${k}${b}:${v}`).join(`,${b}`)}}`),
}));
const oddObject = fc
  .tuple(blank, fc.array(fc.tuple(oddString, oddValue), { maxLength: 4 }), blank)
  .map(([before, members, after]) => `${before}{${members.map(([k, v]) => `${k}:${v}`).join(",")}}${after}`);

describe("the body for the wire", () => {
  it("law: any JSON object arrives as it was spelled, whatever stands around it", () => {
    fc.assert(
      fc.property(oddObject, fc.boolean(), (inputText, isFull) => {
        expect(readJsonObject(inputText).ok).toBe(true);
        const around = isFull ? { webhook: "https://w.example/h", ttlMs: 10_000, s3: S3 } : {};
        const body = wireBody(spec({ inputText, ...around }));
        expect(inputOf(body)).toBe(inputText.trim());
        expect(Object.keys(JSON.parse(body))).toEqual(
          isFull ? ["input", "webhook", "policy", "s3Config"] : ["input"],
        );
      }),
      { numRuns: 300 },
    );
  });

  it.each<[name: string, fields: object, around: string]>([
    ["nothing set is nothing sent", {}, ""],
    ["a low priority", { lowPriority: true }, ',"policy":{"lowPriority":true}'],
    ["a normal priority is not worth a word", { lowPriority: false }, ""],
    [
      "the provider's names for times",
      { executionTimeoutMs: 5000, ttlMs: 10_000 },
      ',"policy":{"executionTimeout":5000,"ttl":10000}',
    ],
    ["a webhook", { webhook: "https://w.example/?a=\u00e9" }, ',"webhook":"https://w.example/?a=\u00e9"'],
    ["S3 settings with their secret", { s3: S3 }, `,"s3Config":${JSON.stringify(S3)}`],
  ])("%s", (_name, fields, around) =>
    expect(wireBody(spec(fields))).toBe(`{"input":{"prompt":"fox"}${around}}`),
  );

  it("names our receiver instead of the person's webhook where the provider can reach us", () => {
    const body = wireBody(spec({ webhook: "https://mine.example" }), "https://jobdeck.example/hooks/t");
    expect(JSON.parse(body).webhook).toBe("https://jobdeck.example/hooks/t");
    expect(body).not.toContain("mine.example");
  });
});

describe("the mask", () => {
  it("covers the S3 secret wholly and the key id but for its end, and nothing else", () => {
    const full = spec({ s3: S3, ttlMs: 10_000, webhook: "https://w.example" });
    expect(maskRequest(full)).toEqual({
      ...full,
      s3: { ...S3, accessId: `${MASK}MPLE`, accessSecret: MASK },
    });
  });

  it("does not show the end of a short key id, nor invent S3 settings", () => {
    expect(maskRequest(spec({ s3: { ...S3, accessId: "short" } })).s3?.accessId).toBe(MASK);
    expect(maskRequest(spec())).toEqual(spec());
  });
});
