import { type Fixture, of } from "@/lib/input-schema/testing-fixture";

export const SCALARS: Fixture[] = [
  {
    name: "short and long text",
    schema: of({
      name: { type: "string", title: "Name", minLength: 1, maxLength: 40 },
      prompt: { type: "string" },
      notes: { type: "string", maxLength: 2000 },
      story: { type: "string", "x-widget": "textarea" },
    }),
    outline: ["/name text line", "/prompt text area", "/notes text area", "/story text area"],
    good: [{ name: "a", prompt: "b" }],
    bad: [
      [{ name: "" }, "/name minLength"],
      [{ name: "a".repeat(41) }, "/name maxLength"],
    ],
  },
  {
    name: "a pattern",
    schema: of({ code: { type: "string", pattern: "^[A-Z]{3}-\\d+$" } }, { required: ["code"] }),
    outline: ["/code! text line"],
    good: [{ code: "ABC-1" }],
    bad: [
      [{ code: "abc" }, "/code pattern"],
      [{}, "/code required"],
    ],
  },
  {
    name: "formats",
    schema: of({
      day: { type: "string", format: "date" },
      at: { type: "string", format: "date-time" },
      mail: { type: "string", format: "email" },
      link: { type: "string", format: "uri" },
      id: { type: "string", format: "uuid" },
    }),
    outline: [
      "/day text line date",
      "/at text line date-time",
      "/mail text line email",
      "/link text line uri",
      "/id text line uuid",
    ],
    good: [{ day: "2026-01-31", mail: "a@b.c" }, {}],
    bad: [
      [{ day: "yesterday" }, "/day format"],
      [{ mail: "x" }, "/mail format"],
      [{ link: "x y" }, "/link format"],
    ],
  },
  {
    name: "secrets",
    schema: of({
      key: { type: "string", format: "password" },
      token: { type: "string", writeOnly: true },
      pin: { type: "string", "ui:widget": "password" },
    }),
    outline: ["/key text secret password", "/token text secret", "/pin text secret"],
    good: [{ key: "k" }],
    bad: [[{ key: 1 }, "/key type"]],
  },
  {
    name: "numbers with both bounds",
    schema: of({
      strength: { type: "number", minimum: 0, maximum: 1 },
      steps: { type: "integer", minimum: 1, maximum: 100 },
      width: { type: "integer", minimum: 64, maximum: 2048, multipleOf: 8 },
      seed: { type: "integer", minimum: 0, maximum: 4294967295 },
    }),
    outline: [
      "/strength number slider 0..1 by any/0.01",
      "/steps number slider 1..100 by 1",
      "/width number slider 64..2048 by 8",
      "/seed number box 0..4294967295 by 1",
    ],
    good: [{ strength: 0.5, steps: 20, width: 512, seed: 7 }],
    bad: [
      [{ strength: 1.1 }, "/strength maximum"],
      [{ steps: 0 }, "/steps minimum"],
      [{ steps: 1.5 }, "/steps type"],
      [{ width: 65 }, "/width multipleOf"],
    ],
  },
  {
    name: "numbers with one bound or none",
    schema: of({
      any: { type: "number" },
      least: { type: "integer", exclusiveMinimum: 0 },
      less: { type: "number", exclusiveMaximum: 10, multipleOf: 0.5 },
    }),
    outline: ["/any number box .. by any/0.1", "/least number box 1.. by 1", "/less number box ..9.5 by 0.5"],
    good: [{ any: -1e3, least: 1, less: 9.5 }],
    bad: [
      [{ least: 0 }, "/least exclusiveMinimum"],
      [{ less: 10 }, "/less exclusiveMaximum"],
    ],
  },
  {
    name: "booleans",
    schema: of({ upscale: { type: "boolean", default: false, title: "Upscale" } }),
    outline: ["/upscale boolean"],
    good: [{ upscale: true }],
    bad: [[{ upscale: "yes" }, "/upscale type"]],
  },
  {
    name: "few, some and many choices",
    schema: of({
      few: { enum: ["a", "b", "c", "d"] },
      some: { enum: ["a", "b", "c", "d", "e"] },
      many: { type: "string", enum: [..."abcdefghijklm"] },
      numbers: { type: "integer", enum: [1, 2, 4] },
    }),
    outline: [
      "/few choice radio a|b|c|d",
      "/some choice select a|b|c|d|e",
      "/many choice search 13",
      "/numbers choice radio 1|2|4",
    ],
    good: [{ few: "a", many: "m", numbers: 4 }],
    bad: [
      [{ few: "e" }, "/few enum"],
      [{ numbers: 3 }, "/numbers enum"],
    ],
  },
  {
    name: "choices with names",
    schema: of({
      size: {
        oneOf: [
          { const: 512, title: "Small" },
          { const: 1024, title: "Large", description: "slow" },
        ],
      },
      mode: { enum: ["f", "s"], "x-enumNames": ["Fast", "Slow"] },
    }),
    outline: ["/size choice radio Small|Large", "/mode choice radio Fast|Slow"],
    good: [{ size: 512, mode: "s" }],
    bad: [[{ size: 1 }, "/size oneOf"]],
  },
  {
    name: "a constant",
    schema: of({ version: { const: 2 }, kind: { const: "image", title: "Kind" } }, { required: ["version"] }),
    outline: ["/version! constant 2", '/kind constant "image"'],
    good: [{ version: 2 }],
    bad: [[{ version: 1 }, "/version const"]],
  },
  {
    name: "what may be null",
    schema: of({
      seed: { type: ["integer", "null"] },
      mode: { enum: ["a", null] },
      text: { anyOf: [{ type: "string", maxLength: 5 }, { type: "null" }], default: null },
      none: { type: "null" },
    }),
    outline: [
      "/seed? number box .. by 1",
      "/mode? choice radio a",
      "/text? text line",
      "/none? constant null",
    ],
    good: [
      { seed: null, mode: null, text: null, none: null },
      { seed: 1, text: "x" },
    ],
    bad: [
      [{ seed: "x" }, "/seed type"],
      [{ text: "123456" }, "/text maxLength"],
    ],
  },
  {
    name: "several types",
    schema: of({ size: { type: ["integer", "string"] } }),
    outline: ["/size text line [A whole number, *Text]"],
    good: [{ size: "auto" }, { size: 3 }],
    bad: [[{ size: true }, "/size type"]],
  },
  {
    name: "files",
    schema: of({
      picture: { type: "string", contentEncoding: "base64", contentMediaType: "image/png" },
      blob: { type: "string", format: "binary" },
      inline: { type: "string", format: "data-url" },
      input_image: { type: "string", format: "uri" },
      config: { type: "string", contentMediaType: "application/json" },
    }),
    outline: [
      "/picture file base64 image/png",
      "/blob file base64 any",
      "/inline file data-uri any",
      "/input_image file url|data-uri image/*",
      "/config text line",
    ],
    good: [
      { picture: "AA==", input_image: "https://a.b/c.png" },
      { input_image: "data:image/png;base64,AA==" },
    ],
    bad: [[{ input_image: "c.png" }, "/input_image format"]],
  },
  {
    name: "types told by other keywords",
    schema: {
      properties: {
        n: { minimum: 1 },
        s: { minLength: 1 },
        l: { items: { maxLength: 1 } },
        d: { default: true },
      },
    },
    outline: [
      "/n number box 1.. by any/0.1",
      "/s text line",
      '/l list 0.. new ""',
      "/l/0! text line",
      "/d boolean",
    ],
    good: [{ n: 1, s: "a", l: ["b"] }],
    bad: [[{ n: 0 }, "/n minimum"]],
  },
  {
    name: "what no widget fits",
    schema: of({ anything: {}, extra: true, never: false, clash: { allOf: [{ enum: [1] }, { enum: [2] }] } }),
    outline: [
      "/anything json The schema does not say what kind of value this is.",
      "/extra json The schema does not say what kind of value this is.",
      "/never json The schema allows nothing here.",
      "/clash json The schema lists no value that would fit all of it.",
    ],
    good: [{ anything: [1, { a: 2 }], extra: "x" }],
    bad: [
      [{ never: 1 }, "/never properties"],
      [{ clash: 1 }, "/clash enum"],
    ],
  },
];
