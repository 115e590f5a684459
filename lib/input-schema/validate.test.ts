import { describe, expect, it } from "vitest";
import { openSchema } from "@/lib/input-schema/document";
import { issueSentence } from "@/lib/input-schema/issue";
import { validate } from "@/lib/input-schema/validate";

function judge(schema: unknown, value: unknown) {
  const opened = openSchema(schema);
  if (!opened.ok) throw new Error(opened.message);
  return validate(opened.schema, value);
}
const said = (schema: unknown, value: unknown) =>
  judge(schema, value).issues.map((issue) => `${issue.path} ${issue.keyword}: ${issueSentence(issue)}`);

const steps = { properties: { steps: { title: "Steps", type: "integer", minimum: 1, multipleOf: 5 } } };
const image = {
  oneOf: [
    {
      title: "By address",
      properties: { kind: { const: "url" }, url: { type: "string" } },
      required: ["kind", "url"],
    },
    {
      title: "Inline",
      properties: { kind: { const: "data" }, data: { type: "string" } },
      required: ["kind", "data"],
    },
  ],
};

describe("what a person reads", () => {
  it.each<[name: string, schema: unknown, value: unknown, said: string[]]>([
    ["nothing about what fits", steps, { steps: 5, other: 1 }, []],
    [
      "a bound, with the field's title",
      steps,
      { steps: 0 },
      ["/steps minimum: Steps must be at least 1, is 0."],
    ],
    ["a kind", steps, { steps: "5" }, ['/steps type: Steps must be a whole number, is "5".']],
    ["a step", steps, { steps: 7 }, ["/steps multipleOf: Steps must be a multiple of 5, is 7."]],
    ["a step that floating numbers miss", { multipleOf: 0.1 }, 0.3, []],
    [
      "several kinds",
      { type: ["string", "null"] },
      [1],
      [" type: The input must be text or empty (null), is a list."],
    ],
    [
      "a missing field, at its own place",
      { required: ["prompt"], properties: { prompt: { title: "Prompt" } } },
      {},
      ["/prompt required: Prompt is required."],
    ],
    [
      "a surplus field",
      { properties: { a: {} }, additionalProperties: false },
      { "a/b": 1 },
      ["/a~1b additionalProperties: a/b is not a known field here."],
    ],
    [
      "the choices",
      { enum: ["a", "b", "c"] },
      "d",
      [' enum: The input must be one of "a", "b" or "c", is "d".'],
    ],
    [
      "many choices, counted",
      { enum: [...Array(20).keys()] },
      99,
      [" enum: The input must be one of 0, 1, 2, 3, 4, 5, 6, 7 or 12 others, is 99."],
    ],
    ["an empty text", { minLength: 1 }, "", [" minLength: The input must not be empty."]],
    [
      "a length in characters, not in units",
      { maxLength: 2 },
      "🙂🙂🙂",
      [" maxLength: The input must have at most 2 characters, has 3."],
    ],
    ["a format", { format: "date" }, "31.1.2026", [" format: The input must be a date such as 2026-01-31."]],
    [
      "an item, by its number",
      { properties: { sizes: { title: "Sizes", items: { maximum: 9 } } } },
      { sizes: [1, 10] },
      ["/sizes/1 maximum: Sizes: item 2 must be at most 9, is 10."],
    ],
    [
      "what repeats",
      { uniqueItems: true },
      [{ a: 1, b: 2 }, 0, { b: 2, a: 1.0 }],
      [" uniqueItems: The input must not repeat anything: items 1 and 3 are the same."],
    ],
    [
      "what a given field asks for",
      { dependentRequired: { mask: ["image"] }, properties: { mask: { title: "Mask" } } },
      { mask: "x" },
      ["/image dependentRequired: image is required when Mask is given."],
    ],
    [
      "the branch that was meant, not all of them",
      image,
      { kind: "data", url: "x" },
      ["/data required: data is required."],
    ],
    [
      "all kinds when no branch is near",
      { anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] },
      true,
      [" anyOf: The input must be text, a whole number or empty (null), is true."],
    ],
    [
      "a bound inside of what may be null",
      { anyOf: [{ type: "integer", minimum: 3 }, { type: "null" }], title: "Seed" },
      1,
      [" minimum: The input must be at least 3, is 1."],
    ],
    [
      "constants as one list",
      {
        oneOf: [
          { const: 1, title: "One" },
          { const: 2, title: "Two" },
        ],
      },
      3,
      [" oneOf: The input must be one of 1 or 2, is 3."],
    ],
    [
      "two branches that fit at once",
      {
        oneOf: [
          { title: "Small", maximum: 5 },
          { title: "Even", multipleOf: 2 },
        ],
      },
      4,
      [" oneOf: The input fits Small and Even at once; exactly one may fit."],
    ],
    [
      "a condition's consequence",
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      { if: { properties: { mode: { const: "img" } }, required: ["mode"] }, then: { required: ["image"] } },
      { mode: "img" },
      ["/image required: image is required."],
    ],
    ["what must not be", { not: { const: 0 } }, 0, [" not: The input must not be 0."]],
    [
      "a title from a definition",
      { $defs: { S: { title: "Size", minimum: 8 } }, properties: { s: { $ref: "#/$defs/S" } } },
      { s: 1 },
      ["/s minimum: Size must be at least 8, is 1."],
    ],
    [
      "the field's own title before its definition's",
      {
        $defs: { S: { title: "Size", minimum: 8 } },
        properties: { s: { title: "Edge", $ref: "#/$defs/S" } },
      },
      { s: 1 },
      ["/s minimum: Edge must be at least 8, is 1."],
    ],
  ])("says %s", (_name, schema, value, expected) => expect(said(schema, value)).toEqual(expected));

  it("stops at fifty errors", () => {
    const values = Array.from({ length: 100_000 }, () => "x");
    expect(judge({ items: { type: "number" } }, values).issues.length).toBe(50);
    expect(
      judge({ additionalProperties: false }, Object.fromEntries(values.map((x, i) => [x + i, 1]))).issues
        .length,
    ).toBe(50);
  });

  it("takes names of JavaScript's own as plain keys", () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown;
    expect(said({ required: ["toString", "__proto__"] }, value)).toEqual([
      "/toString required: toString is required.",
    ]);
    expect(said({ additionalProperties: false }, value).length).toBe(2);
    expect(said({ properties: { constructor: { type: "string" } } }, value).length).toBe(1);
  });

  it("does not judge formats when it is told not to", () => {
    const opened = openSchema({ format: "email" });
    if (!opened.ok) throw new Error(opened.message);
    expect(validate(opened.schema, "x", { checksFormats: false }).issues).toEqual([]);
    expect(validate(opened.schema, "x", { label: "Mail" }).issues[0]).toMatchObject({ label: "Mail" });
  });

  it("notes what a schema's writer got wrong, and leaves it aside", () => {
    const opened = openSchema({ properties: { n: { type: "int", minimum: "3" } }, required: "n" });
    if (!opened.ok) throw new Error(opened.message);
    expect(opened.schema.notices).toEqual([
      "required at the top should be a list of names; it is left aside.",
      "type at /properties/n should be one of null, boolean, number, integer, string, array, object, or a list of them; it is left aside.",
      "minimum at /properties/n should be a number; it is left aside.",
    ]);
    expect(validate(opened.schema, { n: -1 }).issues.map((issue) => issue.keyword)).toEqual(["type"]);
  });
});

describe("formats", () => {
  it.each<[format: string, good: string[], bad: string[]]>([
    ["date", ["2024-02-29", "2026-12-31"], ["2026-02-29", "2026-13-01", "26-1-1"]],
    ["time", ["14:30:00Z", "23:59:60Z", "00:59:60+01:00"], ["14:30", "24:00:00Z", "12:00:60Z"]],
    ["date-time", ["2026-01-31T14:30:00.5+02:00"], ["2026-01-31 14:30:00Z", "2026-02-30T00:00:00Z"]],
    ["duration", ["PT1H30M", "P1Y2M3DT4H", "P4W"], ["P", "PT", "1h", "P1D1Y"]],
    ["email", ["a.b+c@example.com", "a@[192.0.2.1]"], ["a", "a@", ".a@b.c", "a..b@c.d", "a b@c.d"]],
    ["hostname", ["localhost", "a-b.example"], ["-a.b", "a_b", ""]],
    ["ipv4", ["192.0.2.1"], ["256.0.0.1", "1.2.3", "01.2.3.4"]],
    ["ipv6", ["::1", "2001:db8::1", "::ffff:1.2.3.4"], ["1::2::3", ":1", "12345::", "1:2:3:4:5:6:7"]],
    ["uri", ["https://a.b/c?d=%20", "data:image/png;base64,AA==", "s3://b/k"], ["/a", "a b", "http://a/%zz"]],
    ["uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]],
    ["json-pointer", ["", "/a~1b"], ["a", "/~2"]],
    ["no-such-format", ["anything"], []],
  ])("%s", (format, good, bad) => {
    expect(good.filter((text) => said({ format }, text).length > 0)).toEqual([]);
    expect(bad.filter((text) => said({ format }, text).length === 0)).toEqual([]);
  });
});
