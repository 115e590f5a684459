import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSchema } from "@/lib/input-schema/document";
import { inferSchema } from "@/lib/input-schema/infer";
import { validate } from "@/lib/input-schema/validate";

const of = (...samples: unknown[]) => inferSchema(samples.map((sample) => JSON.stringify(sample)));
const properties = (...samples: unknown[]) => of(...samples).schema.properties;
const many = (n: number, make: (i: number) => unknown) => Array.from({ length: n }, (_, i) => make(i));

describe("schemas from samples", () => {
  it.each<[name: string, samples: unknown[], properties: unknown]>([
    [
      "types of one sample",
      [{ prompt: "a fox", steps: 20, hires: true, list: ["a"], o: { x: 1.5 }, n: null }],
      {
        prompt: { type: "string", examples: ["a fox"] },
        steps: { type: "integer", examples: [20] },
        hires: { type: "boolean" },
        list: { type: "array", items: { type: "string", examples: ["a"] } },
        o: { type: "object", properties: { x: { type: "number", examples: [1.5] } } },
        n: {},
      },
    ],
    [
      "what is sometimes null or of another kind",
      [
        { a: 1, b: null },
        { a: "x", b: "y" },
      ],
      {
        a: { type: ["string", "integer"], examples: ["x"] },
        b: { type: ["string", "null"], examples: ["y"] },
      },
    ],
    [
      "whole numbers and fractions as numbers",
      [{ a: 1 }, { a: 0.5 }],
      { a: { type: "number", examples: [1] } },
    ],
    [
      "bounds from enough values",
      many(6, (i) => ({ n: i * 7 + 1 })),
      { n: { type: "integer", examples: [1], minimum: 1, maximum: 50 } },
    ],
    [
      "shares",
      many(6, (i) => ({ n: i / 10 + 0.05 })),
      { n: { type: "number", examples: [0.05], minimum: 0, maximum: 1 } },
    ],
    [
      "negative bounds",
      many(5, (i) => ({ n: -i - 3 })),
      { n: { type: "integer", examples: [-3], minimum: -10, maximum: -2 } },
    ],
    [
      "choices that repeat",
      many(9, (i) => ({ s: ["ddim", "euler", "lms"][i % 3] })),
      { s: { type: "string", enum: ["ddim", "euler", "lms"] } },
    ],
    [
      "numbers that repeat",
      many(12, (i) => ({ w: [512, 1024, 768][i % 3] })),
      { w: { type: "integer", enum: [512, 768, 1024] } },
    ],
    [
      "no choices from few repeats",
      many(4, (i) => ({ s: ["a", "b"][i % 2] })),
      { s: { type: "string", examples: ["a"] } },
    ],
    [
      "formats",
      [{ u: "https://a.b/c.png", d: "2026-01-31", i: "123e4567-e89b-12d3-a456-426614174000" }],
      {
        u: { type: "string", format: "uri", examples: ["https://a.b/c.png"] },
        d: { type: "string", format: "date", examples: ["2026-01-31"] },
        i: { type: "string", format: "uuid", examples: ["123e4567-e89b-12d3-a456-426614174000"] },
      },
    ],
    [
      "pictures",
      [{ a: `iVBORw0KGgo${"A".repeat(5_000)}`, b: `data:image/png;base64,${"A".repeat(400)}` }],
      {
        a: { type: "string", contentEncoding: "base64", contentMediaType: "image/png" },
        b: { type: "string", format: "data-url" },
      },
    ],
    [
      "long text",
      [{ p: "one\ntwo" }],
      { p: { type: "string", "x-widget": "textarea", examples: ["one\ntwo"] } },
    ],
    [
      "secrets, without an example",
      [{ hf_token: "hf_abc", apiKey: "x", max_tokens: 5 }],
      {
        hf_token: { type: "string", writeOnly: true },
        apiKey: { type: "string", writeOnly: true },
        max_tokens: { type: "integer", examples: [5] },
      },
    ],
    [
      "maps",
      [{ m: Object.fromEntries(many(1, () => ["x", 1]) as [string, number][]) }],
      { m: { type: "object", properties: { x: { type: "integer", examples: [1] } } } },
    ],
    [
      "keys that are data",
      many(10, (i) => ({ m: { [`k${i}`]: 1 } })),
      { m: { type: "object", additionalProperties: {} } },
    ],
  ])("finds %s", (_name, samples, expected) => expect(properties(...samples)).toEqual(expected));

  it("tells what is required from what is not", () => {
    expect(of({ a: 1, b: 2 }, { a: 3 }).schema.required).toEqual(["a"]);
    const one = of({ a: 1 });
    expect(one.schema.required).toBeUndefined();
    expect(one.notices).toEqual([expect.stringMatching(/One sample cannot tell/)]);
  });

  it("reads how numbers are spelled", () => {
    expect(inferSchema(['{"a":1.0,"b":1e3,"c":12345678901234567890}']).schema.properties).toMatchObject({
      a: { type: "number" },
      b: { type: "number" },
      c: { type: "integer" },
    });
  });

  it("says what is guessed, and what is left aside", () => {
    const { notices } = inferSchema([...many(6, (i) => JSON.stringify({ n: i })), "[1]", "{"] as string[]);
    expect(notices).toEqual([
      expect.stringMatching(/^2 of 8 samples are left aside/),
      expect.stringMatching(/^Bounds are guessed from the values seen: n\./),
    ]);
    expect(inferSchema([])).toMatchObject({ schema: { type: "object" }, notices: [/no sample/] });
  });

  it("gives a schema that every sample fits", () => {
    const sample = fc.dictionary(
      fc.constantFrom("a", "b", "token", "__proto__", "size"),
      fc.oneof(
        fc.jsonValue({ maxDepth: 3 }),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom("x", "y", null),
      ),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 12 }), (samples) => {
        const texts = samples.map((value) => JSON.stringify(value));
        const opened = openSchema(inferSchema(texts).schema);
        if (!opened.ok) throw new Error(opened.message);
        expect(opened.schema.notices).toEqual([]);
        for (const text of texts) expect(validate(opened.schema, JSON.parse(text)).issues).toEqual([]);
      }),
      { numRuns: 250 },
    );
  });

  it("stays finite with deep, wide and long samples", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 500; i++) deep = { a: [deep] };
    const wide = Object.fromEntries(many(30_000, (i) => [`k${i}`, i]) as [string, number][]);
    const samples = [deep, wide, { list: many(100_000, (i) => i) }, { text: "\\".repeat(1_000_000) }];
    const { notices } = of(...samples);
    expect(notices.at(-1)).toMatch(/only a part/);
    expect(openSchema(of(deep, samples[2], samples[3]).schema).ok).toBe(true);
  });
});
