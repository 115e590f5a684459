import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { branchEdits } from "@/lib/input-schema/branches";
import { type OpenSchema, openSchema } from "@/lib/input-schema/document";
import { buildForm } from "@/lib/input-schema/form";
import { fieldPathOf, inFormOrder } from "@/lib/input-schema/issue-order";
import { editJson, editJsonAll } from "@/lib/input-schema/json-edit";
import { spellingAt } from "@/lib/input-schema/json-spans";
import { startingValue } from "@/lib/input-schema/starting-value";
import { FIXTURES } from "@/lib/input-schema/testing-fixtures";
import { outlineOf } from "@/lib/input-schema/testing-outline";
import { validate } from "@/lib/input-schema/validate";

function opened(schema: unknown): OpenSchema {
  const result = openSchema(schema);
  if (!result.ok) throw new Error(result.message);
  return result.schema;
}

describe.each(FIXTURES)("$name", ({ schema, outline, good, bad }) => {
  const open = opened(schema);

  it("is a form", () => {
    const lines = outlineOf(buildForm(open, good[0]));
    expect(lines[0] === "! object" ? lines.slice(1) : lines).toEqual(outline);
    expect(open.notices).toEqual([]);
  });

  it("has a field for everything in every value, good or bad", () => {
    for (const value of [...good, ...bad.map(([wrong]) => wrong)]) {
      const { root, byPath } = buildForm(open, value);
      expect(root.value).toBe(value);
      for (const key of Object.keys(value as object)) {
        const path = `/${key}`;
        expect(byPath.get(path)?.isPresent, path).toBe(true);
      }
    }
  });

  it("takes what fits, and says what does not", () => {
    for (const value of good) expect(validate(open, value)).toEqual({ issues: [], unchecked: [] });
    for (const [value, where] of bad) {
      const [first] = validate(open, value).issues;
      expect(first && `${first.path} ${first.keyword}`).toBe(where);
    }
  });

  it("starts with a value of which nothing is wrong but what is missing", () => {
    const value = startingValue(open);
    const wrong = validate(open, value).issues.filter(
      ({ keyword }) => !["required", "minProperties", "dependencies"].includes(keyword),
    );
    expect(wrong).toEqual([]);
    expect(buildForm(open, value).root.kind).toBe("object");
  });
});

it("covers at least forty schemas", () => {
  expect(FIXTURES.length).toBeGreaterThanOrEqual(40);
  expect(new Set(FIXTURES.map(({ name }) => name)).size).toBe(FIXTURES.length);
});

describe("starting values", () => {
  it.each<[name: string, schema: unknown, value: unknown]>([
    ["defaults", { properties: { a: { default: 1.5 }, b: { type: "string" } } }, { a: 1.5 }],
    [
      "constants that are required",
      { properties: { v: { const: 2 }, w: { const: 3 } }, required: ["v"] },
      { v: 2 },
    ],
    [
      "defaults within",
      { properties: { o: { type: "object", properties: { a: { default: 1 } } } }, required: ["o"] },
      { o: { a: 1 } },
    ],
    ["no value that nobody chose", { properties: { p: { type: "string" } }, required: ["p"] }, {}],
    [
      "the first branch",
      {
        oneOf: [
          { properties: { k: { const: "a" } }, required: ["k"] },
          { properties: { k: { const: "b" } } },
        ],
      },
      { k: "a" },
    ],
    [
      "an end to what contains itself",
      {
        $defs: { n: { type: "object", properties: { n: { $ref: "#/$defs/n" } }, required: ["n"] } },
        $ref: "#/$defs/n",
      },
      expect.anything(),
    ],
  ])("are %s", (_name, schema, value) => expect(startingValue(opened(schema))).toEqual(value));
});

describe("branches", () => {
  const schema = {
    properties: { strength: { type: "number" } },
    oneOf: [
      {
        title: "Address",
        properties: { by: { const: "url" }, url: { type: "string" }, size: { type: "integer" } },
        required: ["by", "url"],
      },
      {
        title: "Data",
        properties: {
          by: { const: "data" },
          data: { type: "string" },
          size: { type: "integer" },
          fit: { default: true },
        },
        required: ["by", "data"],
      },
    ],
  };

  it("keep what both know, byte for byte, when another one is chosen", () => {
    const open = opened(schema);
    const text =
      '{\n  "strength": 1.0,\n  "by": "url",\n  "mine": 12345678901234567890,\n  "url": "x",\n  "size": 1e3\n}';
    const value: unknown = JSON.parse(text);
    const before = buildForm(open, value);
    const [picker] = before.root.pickers;
    expect(picker).toMatchObject({ options: ["Address", "Data"], selected: 0 });
    const chosen = new Map([[picker!.id, 1]]);
    const edited = editJsonAll(text, branchEdits(open, value, before, "", chosen));
    expect(edited).toEqual({
      ok: true,
      text: '{\n  "strength": 1.0,\n  "by": "data",\n  "mine": 12345678901234567890,\n  "size": 1e3,\n  "fit": true\n}',
    });
    const after = buildForm(open, JSON.parse(edited.ok ? edited.text : ""), chosen);
    expect(after.root.pickers[0]?.selected).toBe(1);
    expect(after.byPath.get("/data")).toMatchObject({ isRequired: true, isPresent: false });
  });

  it("begin afresh where the value is of another kind", () => {
    const open = opened({
      properties: { image: { anyOf: [{ type: "string" }, { type: "array", items: {} }] } },
    });
    const value = { image: "x" };
    const before = buildForm(open, value);
    const chosen = new Map([[before.byPath.get("/image")!.pickers[0]!.id, 1]]);
    const [change] = branchEdits(open, value, before, "/image", chosen);
    expect(change).toEqual({ op: "set", path: "/image", json: "[]" });
  });

  it("are told apart by what the value is nearest to", () => {
    const open = opened(schema);
    const selected = (value: unknown) => buildForm(open, value).root.pickers[0]!.selected;
    expect(selected({ by: "data" })).toBe(1);
    expect(selected({ by: "url", data: "x" })).toBe(0);
    expect(selected({ data: "x" })).toBe(1);
    expect(selected(undefined)).toBe(0);
  });

  it("of types are for the kind of the value, until another one is chosen", () => {
    const open = opened({ properties: { size: { type: ["integer", "string"] } } });
    expect(buildForm(open, { size: "a" }).byPath.get("/size")?.kind).toBe("text");
    const chosen = new Map([["/size#type", 0]]);
    expect(buildForm(open, { size: "a" }, chosen).byPath.get("/size")?.kind).toBe("json");
    expect(buildForm(open, {}, chosen).byPath.get("/size")?.kind).toBe("number");
  });
});

describe("form and JSON", () => {
  it("give the same bytes after every field has written what it shows", () => {
    const spelledNumber = fc.constantFrom("1.0", "1e3", "12345678901234567890", "0.50", "-0");
    const json = fc.oneof(
      spelledNumber,
      fc.json({ maxDepth: 2 }),
      fc.constantFrom('"a"', "true", "null", '["a", 1.0 ]', "{ }"),
    );
    const schemas = FIXTURES.map(({ schema }) => opened(schema));
    const known = schemas.map((open) => {
      const { root } = buildForm(open, {});
      return root.kind === "object" ? root.fields.map(({ key }) => key) : [];
    });
    fc.assert(
      fc.property(fc.nat({ max: schemas.length - 1 }), fc.array(json, { maxLength: 6 }), (which, values) => {
        const open = schemas[which]!;
        const names = known[which]!;
        const keys = values.map((_, i) => names[i] ?? `extra${i}`);
        const text = `{ ${values.map((value, i) => `${JSON.stringify(keys[i])} : ${value}`).join(" ,\n")} }`;
        let now = text;
        for (const field of buildForm(open, JSON.parse(text)).byPath.values()) {
          const spelled = field.isPresent ? spellingAt(text, field.path) : null;
          if ((spelled === null) === field.isPresent) throw new Error(`${field.path} is lost`);
          if (spelled === null || /[{[]/.test(spelled)) continue;
          const edited = editJson(now, { op: "set", path: field.path, json: spelled });
          now = edited.ok ? edited.text : edited.message;
        }
        expect(now).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("errors", () => {
  it("stand in the order of the fields, at the field that shows them", () => {
    const open = opened({
      required: ["z"],
      properties: {
        b: { type: "string", "x-order": 2 },
        a: { type: "string", "x-order": 1 },
        z: {},
        j: { "x-widget": "json", items: { type: "string" } },
      },
    });
    const value = { b: 1, a: 2, j: [1] };
    const form = buildForm(open, value);
    const issues = inFormOrder(validate(open, value).issues, form);
    expect(issues.map(({ path }) => path)).toEqual(["/a", "/b", "/z", "/j/0"]);
    expect(issues.map((issue) => fieldPathOf(issue, form))).toEqual(["/a", "/b", "/z", "/j"]);
  });
});

describe("bounds", () => {
  it("a long list, a wide object and a deep value become JSON fields or stay finite", () => {
    const open = opened({ properties: { l: { type: "array", items: { type: "number" } } } });
    const { byPath } = buildForm(open, { l: Array(500).fill(1) });
    expect(byPath.get("/l")).toMatchObject({ kind: "json", reason: /500 items/ });
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, { a: 1 }]));
    expect(buildForm(open, wide).byPath.size).toBeLessThan(7_500);
    expect(buildForm(open, { wide }).byPath.get("/wide")).toMatchObject({
      kind: "json",
      reason: /5,000 entries/,
    });
    let deep: unknown = 1;
    for (let i = 0; i < 5_000; i++) deep = { a: deep };
    expect(buildForm(open, deep).byPath.size).toBeLessThan(40);
    const tree = opened({
      $defs: {
        n: {
          type: "object",
          properties: Object.fromEntries([..."abcdefgh"].map((k) => [k, { $ref: "#/$defs/n" }])),
        },
      },
      $ref: "#/$defs/n",
    });
    expect(buildForm(tree, {}).byPath.size).toBeLessThan(2_100);
  });
});
