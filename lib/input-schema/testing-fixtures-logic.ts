import type { Schema } from "@/lib/input-schema/keywords";
import { DRAFT_07, type Fixture, of } from "@/lib/input-schema/testing-fixture";

export const LOGIC: Fixture[] = [
  {
    name: "branches with a tag and shared parts",
    schema: of(
      { strength: { type: "number" } },
      {
        oneOf: [
          of(
            { source: { const: "url" }, url: { type: "string" } },
            { title: "By address", required: ["source", "url"] },
          ),
          of({ source: { const: "data" }, data: { type: "string" } }, { required: ["source", "data"] }),
        ],
      },
    ),
    outline: [
      "! object [By address, *data]",
      "/strength number box .. by any/0.1",
      '/source! constant "data"',
      "/data! text line",
    ],
    good: [
      { strength: 1, source: "data", data: "x" },
      { source: "url", url: "x" },
    ],
    bad: [
      [{ source: "url" }, "/url required"],
      [{ source: "data" }, "/data required"],
    ],
  },
  {
    name: "branches of different kinds",
    schema: of({ image: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] } }),
    outline: ['/image list 0.. new "" [Text, *A list]', "/image/0! text line"],
    good: [{ image: ["a"] }, { image: "a" }],
    bad: [
      [{ image: 1 }, "/image anyOf"],
      [{ image: ["a", 2] }, "/image/1 type"],
    ],
  },
  {
    name: "rules about members, which are no branches",
    schema: of(
      { a: { type: "string" }, b: { type: "string" } },
      { anyOf: [{ required: ["a"] }, { required: ["b"] }] },
    ),
    outline: ["/a text line", "/b text line"],
    good: [{ a: "x" }],
    bad: [[{}, "/a required"]],
  },
  {
    name: "a condition with both outcomes",
    schema: of(
      { mode: { enum: ["text", "image"] } },
      {
        if: { properties: { mode: { const: "image" } }, required: ["mode"] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { properties: { image: { type: "string" } }, required: ["image"] },
        else: { properties: { prompt: { type: "string" } } },
      },
    ),
    outline: ["/mode choice radio text|image", "/image! text line"],
    good: [{ mode: "image", image: "x" }, { mode: "text" }],
    bad: [[{ mode: "image" }, "/image required"]],
  },
  {
    name: "members that others ask for",
    schema: of(
      { mask: { type: "string" }, image: { type: "string" } },
      { dependentRequired: { mask: ["image"] } },
    ),
    outline: ["/mask text line", "/image! text line"],
    good: [{ mask: "x", image: "y" }, {}],
    bad: [[{ mask: "x" }, "/image dependentRequired"]],
  },
  {
    name: "schemas that members bring along",
    schema: of(
      { upscale: { type: "boolean" } },
      {
        dependentSchemas: {
          upscale: { properties: { factor: { type: "integer", minimum: 2 } }, required: ["factor"] },
        },
      },
    ),
    outline: ["/upscale boolean", "/factor! number box 2.. by 1"],
    good: [{ upscale: true, factor: 2 }, {}],
    bad: [[{ upscale: true, factor: 1 }, "/factor minimum"]],
  },
  {
    name: "dependencies of draft-07",
    schema: of(
      { a: { type: "string" }, b: { type: "string" } },
      { $schema: DRAFT_07, dependencies: { a: ["b"], b: { properties: { c: { type: "number" } } } } },
    ),
    outline: ["/a text line", "/b! text line", "/c number box .. by any/0.1"],
    good: [{ a: "x", b: "y", c: 1 }],
    bad: [
      [{ a: "x" }, "/b dependencies"],
      [{ b: "x", c: "y" }, "/c type"],
    ],
  },
  {
    name: "what must not be",
    schema: of({ n: { type: "integer", not: { const: 0 } } }, { not: { required: ["old"] } }),
    outline: ["/n number box .. by 1"],
    good: [{ n: 1 }],
    bad: [
      [{ n: 0 }, "/n not"],
      [{ old: 1 }, " not"],
    ],
  },
  {
    name: "allOf put together",
    schema: {
      allOf: [
        of({ a: { type: "number", minimum: 1 } }),
        of({ a: { maximum: 5 }, b: { type: "string" } }, { required: ["b"] }),
      ],
    },
    outline: ["/a number slider 1..5 by any/0.05", "/b! text line"],
    good: [{ a: 3, b: "x" }],
    bad: [
      [{ a: 6, b: "x" }, "/a maximum"],
      [{ a: 1 }, "/b required"],
    ],
  },
  {
    name: "references and definitions",
    schema: of(
      { size: { $ref: "#/$defs/Size" }, again: { $ref: "#size", title: "Again" } },
      { $defs: { Size: { $anchor: "size", title: "Size", type: "integer", minimum: 8, maximum: 64 } } },
    ),
    outline: ["/size number slider 8..64 by 1", "/again number slider 8..64 by 1"],
    good: [{ size: 8, again: 64 }],
    bad: [[{ size: 7 }, "/size minimum"]],
  },
  {
    name: "references of draft-07 with words beside them",
    schema: of(
      { s: { $ref: "#/definitions/s", title: "Scheduler", default: "a", "x-order": 1 } },
      { $schema: DRAFT_07, definitions: { s: { enum: ["a", "b"] } } },
    ),
    outline: ["/s choice radio a|b"],
    good: [{ s: "a" }],
    bad: [[{ s: "c" }, "/s enum"]],
  },
  {
    name: "a schema within itself",
    schema: {
      $ref: "#/$defs/node",
      $defs: {
        node: of(
          { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
          { required: ["name"] },
        ),
      },
    },
    outline: [
      "/name! text line",
      "/children list 0.. new {}",
      "/children/0! object",
      "/children/0/name! text line",
      "/children/0/children list 0.. new {}",
    ],
    good: [{ name: "a", children: [{ name: "b", children: [] }] }],
    bad: [[{ name: "a", children: [{}] }, "/children/0/name required"]],
  },
  {
    name: "a schema within itself by a dynamic reference",
    schema: {
      $dynamicAnchor: "node",
      ...(of({ next: { $dynamicRef: "#node" }, v: { type: "integer" } }) as object),
    },
    outline: [
      "/next object",
      "/next/next object",
      "/next/next/next object",
      "/next/next/next/next object",
      "/next/next/next/v number box .. by 1",
      "/next/next/v number box .. by 1",
      "/next/v number box .. by 1",
      "/v number box .. by 1",
    ],
    good: [{ v: 1, next: { v: 2 } }],
    bad: [[{ next: { v: "x" } }, "/next/v type"]],
  },
  {
    name: "nothing but what was looked at",
    schema: { allOf: [of({ a: { type: "string" } })], properties: { b: {} }, unevaluatedProperties: false },
    outline: ["/b json The schema does not say what kind of value this is.", "/a text line"],
    good: [{ a: "x", b: 1 }],
    bad: [[{ a: "x", c: 1 }, "/c unevaluatedProperties"]],
  },
  {
    name: "words around a field",
    schema: of({
      old: { type: "string", deprecated: true, description: "Use new." },
      id: { type: "string", readOnly: true, examples: ["a1"] },
      rare: { type: "number", "x-advanced": true, default: 7.5 },
    }),
    outline: ["/old text line", "/id text line", "/rare number box .. by any/0.1"],
    good: [{ id: "a1" }],
    bad: [],
  },
  {
    name: "names of JavaScript's own",
    schema: JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"number"}},"required":["__proto__"]}',
    ) as Schema,
    outline: ["/__proto__! text line", "/constructor number box .. by any/0.1"],
    good: [JSON.parse('{"__proto__":"x"}')],
    bad: [
      [{}, "/__proto__ required"],
      [{ constructor: "x" }, "/__proto__ required"],
    ],
  },
];
