import { describe, expect, it } from "vitest";
import { openSchema, openSchemaText } from "@/lib/input-schema/document";
import { buildForm } from "@/lib/input-schema/form";
import { startingValue } from "@/lib/input-schema/starting-value";
import { validate } from "@/lib/input-schema/validate";

/**
 * The bounds are counts of steps, so that they hold on every machine; how long the steps take is judged generously, for
 * machines that do ten other things. Without the bounds each of these takes seconds at least, most of them for ever.
 */
const MOST_MS = 5_000;
function timed<T>(work: () => T): T {
  const start = performance.now();
  const result = work();
  expect(performance.now() - start).toBeLessThan(MOST_MS);
  return result;
}

const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
  let schema: unknown = { type: "string" };
  for (let i = 0; i < depth; i++) schema = wrap(schema);
  return schema;
};

/** Each level asks the one below twice: 2^levels questions. */
const doubling = (levels: number, keyword: string) => {
  const $defs: Record<string, unknown> = { d0: { type: "string" } };
  for (let i = 1; i <= levels; i++)
    $defs[`d${i}`] = { [keyword]: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] };
  return { $defs, $ref: `#/$defs/d${levels}` };
};

describe("hostile schemas", () => {
  it.each<[name: string, schema: () => unknown, message: RegExp]>([
    ["nesting", () => nested(5_000, (inner) => ({ properties: { a: inner } })), /nested more than 120/],
    ["deep data", () => ({ default: nested(100_000, (inner) => [inner]) }), /nested more than 120/],
    [
      "huge choices",
      () => ({ enum: Array.from({ length: 200_000 }, (_, i) => i) }),
      /more than 60,000 values/,
    ],
    [
      "a field a thousand times over",
      () => ({
        properties: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [i, { type: "string" }])),
      }),
      /more than 3,000 things/,
    ],
    ["a reference to itself", () => ({ $ref: "#" }), /refers to itself/],
    [
      "references in a ring",
      () => ({
        $defs: { a: { allOf: [{ $ref: "#/$defs/b" }] }, b: { not: { $ref: "#/$defs/a" } } },
        $ref: "#/$defs/a",
      }),
      /refers to itself/,
    ],
    ["another document", () => ({ $ref: "https://evil.example/schema.json" }), /never fetched/],
    ["a file", () => ({ properties: { a: { $ref: "other.json#/x" } } }), /other\.json#\/x.*never fetched/],
    ["a dangling reference", () => ({ $ref: "#/$defs/none" }), /not in it/],
    ["no schema", () => [1], /JSON object/],
  ])("refuses %s", (_name, schema, message) => {
    const built = schema();
    const opened = timed(() => openSchema(built));
    expect(opened).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });

  it("refuses a megabyte unread", () => {
    const text = JSON.stringify({ description: "x".repeat(1_000_000) });
    expect(timed(() => openSchemaText(text))).toMatchObject({ ok: false, message: /977 kB long; up to 512/ });
    expect(openSchemaText("{")).toMatchObject({ ok: false, message: /not valid JSON/ });
    expect(openSchemaText('{"type":"string"}')).toMatchObject({ ok: true });
  });

  it.each<[name: string, schema: unknown, value: unknown]>([
    ["questions that double", doubling(40, "allOf"), "x"],
    ["choices that double", doubling(40, "oneOf"), 1],
    ["denials that double", { ...doubling(40, "anyOf"), not: { $ref: "#/$defs/d39" } }, 1],
    [
      "a tree of texts against the doubling of each",
      {
        $defs: {
          t: {
            anyOf: [{ items: { $ref: "#/$defs/t" } }, { items: { $ref: "#/$defs/t" } }],
            not: { type: "null" },
          },
        },
        $ref: "#/$defs/t",
      },
      nested(60, (inner) => [inner, null]),
    ],
    [
      "a million values",
      { items: { anyOf: [{ type: "string" }, { type: "number" }] } },
      Array(1_000_000).fill(1),
    ],
    [
      "comparisons of large values",
      { uniqueItems: true },
      Array.from({ length: 200_000 }, (_, i) => [i, [i]]),
    ],
  ])("gives up on %s, and says so", (_name, schema, value) => {
    const opened = timed(() => openSchema(schema));
    if (!opened.ok) throw new Error(opened.message);
    expect(timed(() => validate(opened.schema, value)).unchecked).toEqual([
      expect.stringMatching(/too large, or its schema too tangled/),
    ]);
  });

  it("does not fall over a value that is deep", () => {
    const opened = openSchema({ $defs: { t: { items: { $ref: "#/$defs/t" } } }, $ref: "#/$defs/t" });
    if (!opened.ok) throw new Error(opened.message);
    const value = nested(100_000, (inner) => [inner]);
    expect(timed(() => validate(opened.schema, value)).unchecked).toEqual([
      "The input is nested too deeply to be checked to the bottom.",
    ]);
    const strange = openSchema({ const: 1, uniqueItems: true, enum: [[1]] });
    if (!strange.ok) throw new Error(strange.message);
    expect(timed(() => validate(strange.schema, value)).unchecked.length).toBe(1);
  });

  it.each<[source: string, text: string]>([
    ["^(a+)+$", `${"a".repeat(50_000)}!`],
    ["^(a|aa)*$", `${"a".repeat(50_000)}!`],
    ["(.*)*(.*)*(.*)*x$", "y".repeat(100_000)],
    ["^(\\w+\\s?)*$", `${"word ".repeat(20_000)}!`],
    ["(a?){500}a{500}$", "a".repeat(100_000)],
    ["(?=(a+)+b)a", "a".repeat(50_000)],
  ])("answers %s in bounded time", (pattern, text) => {
    const opened = openSchema({ pattern, title: "Text" });
    if (!opened.ok) throw new Error(opened.message);
    const { issues, unchecked } = timed(() => validate(opened.schema, text));
    expect(issues.length + unchecked.length).toBe(1);
  });

  it("answers catastrophic patterns on texts that backtracking could not finish", () => {
    const opened = openSchema({ pattern: "^(a+)+$" });
    if (!opened.ok) throw new Error(opened.message);
    expect(timed(() => validate(opened.schema, `${"a".repeat(3_000)}!`))).toMatchObject({
      issues: [{ keyword: "pattern" }],
      unchecked: [],
    });
  });

  it("names patterns that cannot be checked, and goes on without them", () => {
    const opened = openSchema({ properties: { a: { pattern: "(?<!b)a", minLength: 2 } } });
    if (!opened.ok) throw new Error(opened.message);
    expect(opened.schema.notices).toEqual([expect.stringMatching(/looks behind itself.*only by the worker/)]);
    expect(validate(opened.schema, { a: "a" }).issues.map((issue) => issue.keyword)).toEqual(["minLength"]);
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`k${i}`, { pattern: `a{1,${900 + i}}` }]),
    );
    expect(timed(() => openSchema({ properties: many }))).toMatchObject({ ok: true });
  });
});

describe("forms of hostile schemas", () => {
  const branches = (n: number) =>
    Array.from({ length: n }, (_, i) => ({
      properties: { [`b${i}`]: { type: "string" } },
      required: [`b${i}`],
    }));
  const fields = (n: number, schema: unknown) =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, schema]));
  const values = (n: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, value]));

  it.each<[name: string, schema: unknown, value: unknown]>([
    [
      "conditions that double, many times",
      { ...doubling(40, "oneOf"), $ref: undefined, properties: fields(300, { if: { $ref: "#/$defs/d40" } }) },
      values(300, 1),
    ],
    [
      "choices that double, many times",
      {
        $defs: (doubling(40, "anyOf") as { $defs: object }).$defs,
        properties: fields(300, { anyOf: [{ $ref: "#/$defs/d39" }, { $ref: "#/$defs/d40" }] }),
      },
      values(300, 1),
    ],
    ["thousands of branches", { oneOf: branches(1_000) }, { x: 1 }],
    [
      "lists of large things",
      {
        $defs: { o: { type: "object", properties: fields(800, { default: 1 }) } },
        properties: fields(800, { type: "array", items: { $ref: "#/$defs/o" } }),
      },
      {},
    ],
    [
      "objects that contain themselves many times over",
      {
        $defs: {
          o: { type: "object", properties: fields(50, { $ref: "#/$defs/o" }), required: ["f0", "f1", "f2"] },
        },
        $ref: "#/$defs/o",
      },
      {},
    ],
  ])("%s end in bounded time, with a field for everything", (_name, schema, value) => {
    const opened = timed(() => openSchema(schema));
    if (!opened.ok) throw new Error(opened.message);
    const form = timed(() => buildForm(opened.schema, value));
    for (const key of Object.keys(value as object).slice(0, 5))
      expect(form.byPath.get(`/${key}`)?.isPresent).toBe(true);
    expect(timed(() => startingValue(opened.schema))).toEqual(expect.any(Object));
  });
});
