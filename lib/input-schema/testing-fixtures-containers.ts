import { DRAFT_07, type Fixture, of } from "@/lib/input-schema/testing-fixture";

export const CONTAINERS: Fixture[] = [
  {
    name: "a list",
    schema: of({ tags: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 } }),
    outline: ['/tags list 1..3 new ""', "/tags/0! text line", "/tags/1! text line"],
    good: [{ tags: ["a", "b"] }],
    bad: [
      [{ tags: [] }, "/tags minItems"],
      [{ tags: ["a", "b", "c", "d"] }, "/tags maxItems"],
      [{ tags: ["a", 1] }, "/tags/1 type"],
    ],
  },
  {
    name: "a list of objects",
    schema: of({
      loras: {
        type: "array",
        items: of(
          { name: { type: "string" }, weight: { type: "number", default: 1 } },
          { required: ["name"] },
        ),
      },
    }),
    outline: [
      '/loras list 0.. new {"weight":1}',
      "/loras/0! object",
      "/loras/0/name! text line",
      "/loras/0/weight number box .. by any/0.1",
      "/loras/1! object",
      "/loras/1/name! text line",
      "/loras/1/weight number box .. by any/0.1",
    ],
    good: [{ loras: [{ name: "a" }, { name: "b", weight: 0.5 }] }],
    bad: [[{ loras: [{}] }, "/loras/0/name required"]],
  },
  {
    name: "any of several",
    schema: of({ parts: { type: "array", uniqueItems: true, items: { enum: ["head", "body", "tail"] } } }),
    outline: ["/parts many head|body|tail"],
    good: [{ parts: ["head", "tail"] }],
    bad: [
      [{ parts: ["head", "head"] }, "/parts uniqueItems"],
      [{ parts: ["wing"] }, "/parts/0 enum"],
    ],
  },
  {
    name: "a tuple",
    schema: of({
      point: {
        type: "array",
        prefixItems: [{ type: "number", title: "x" }, { type: "number" }],
        items: false,
      },
    }),
    outline: [
      "/point list 2+0..2 new null",
      "/point/0! number box .. by any/0.1",
      "/point/1! number box .. by any/0.1",
    ],
    good: [{ point: [1, 2] }],
    bad: [
      [{ point: [1, 2, 3] }, "/point items"],
      [{ point: ["1"] }, "/point/0 type"],
    ],
  },
  {
    name: "a tuple of draft-07",
    schema: of(
      { pair: { type: "array", items: [{ type: "string" }], additionalItems: { type: "number" } } },
      { $schema: DRAFT_07 },
    ),
    outline: [
      "/pair list 1+0.. new 0",
      "/pair/0! text line",
      "/pair/1! number box .. by any/0.1",
      "/pair/2! number box .. by any/0.1",
    ],
    good: [{ pair: ["a", 1, 2] }],
    bad: [[{ pair: ["a", "b"] }, "/pair/1 type"]],
  },
  {
    name: "a list that must contain something",
    schema: of({ roles: { type: "array", contains: { const: "admin" }, minContains: 1, maxContains: 2 } }),
    outline: ["/roles list 0.. new null", "/roles/0!+ text line", "/roles/1!+ number box .. by any/0.1"],
    good: [{ roles: ["admin", 1] }],
    bad: [
      [{ roles: [] }, "/roles contains"],
      [{ roles: ["admin", "admin", "admin"] }, "/roles maxContains"],
    ],
  },
  {
    name: "nested objects",
    schema: of(
      {
        camera: of(
          { lens: of({ mm: { type: "integer" } }, { required: ["mm"] }) },
          { title: "Camera", required: ["lens"] },
        ),
      },
      { required: ["camera"] },
    ),
    outline: ["/camera! object", "/camera/lens! object", "/camera/lens/mm! number box .. by 1"],
    good: [{ camera: { lens: { mm: 50 } } }],
    bad: [
      [{ camera: { lens: {} } }, "/camera/lens/mm required"],
      [{ camera: 1 }, "/camera type"],
    ],
  },
  {
    name: "a map",
    schema: of({
      env: {
        type: "object",
        additionalProperties: { type: "string" },
        propertyNames: { pattern: "^[A-Z_]+$" },
        maxProperties: 2,
      },
    }),
    outline: ['/env object open new ""', "/env/A+ text line", "/env/B+ text line"],
    good: [{ env: { A: "1", B: "2" } }],
    bad: [
      [{ env: { A: 1 } }, "/env/A type"],
      [{ env: { a: "1" } }, "/env/a propertyNames"],
      [{ env: { A: "1", B: "", C: "" } }, "/env maxProperties"],
    ],
  },
  {
    name: "keys by pattern",
    schema: of({
      layers: {
        type: "object",
        patternProperties: { "^l\\d+$": { type: "number" } },
        additionalProperties: false,
      },
    }),
    outline: ["/layers object open new 0", "/layers/l1+ number box .. by any/0.1"],
    good: [{ layers: { l1: 0.5 } }],
    bad: [
      [{ layers: { l1: "x" } }, "/layers/l1 type"],
      [{ layers: { k: 1 } }, "/layers/k additionalProperties"],
    ],
  },
  {
    name: "keys that nobody named",
    schema: of({ prompt: { type: "string" } }),
    outline: [
      "/prompt text area",
      "/seed+ number box .. by any/0.1",
      "/list+ list 0.. new null",
      "/list/0!+ boolean",
      "/deep+ object open new null",
      "/deep/a+ json The schema does not say what kind of value this is.",
    ],
    good: [{ prompt: "x", seed: 1, list: [true], deep: { a: null } }],
    bad: [],
  },
  {
    name: "no other keys",
    schema: of({ a: { type: "string" } }, { additionalProperties: false, minProperties: 1 }),
    outline: ["/a text line"],
    good: [{ a: "x" }],
    bad: [
      [{ b: 1 }, "/b additionalProperties"],
      [{}, " minProperties"],
    ],
  },
  {
    name: "order by number, and by a list",
    schema: of({
      b: { type: "string", "x-order": 2 },
      a: { type: "string", "x-order": 1 },
      z: of({ one: {}, two: {}, three: {} }, { "ui:order": ["three", "*"] }),
      c: { type: "string", propertyOrder: 0 },
    }),
    outline: [
      "/c text line",
      "/a text line",
      "/b text line",
      "/z object",
      "/z/three json The schema does not say what kind of value this is.",
      "/z/one json The schema does not say what kind of value this is.",
      "/z/two json The schema does not say what kind of value this is.",
    ],
    good: [{ z: {} }],
    bad: [],
  },
];
