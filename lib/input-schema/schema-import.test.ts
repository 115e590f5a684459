import { describe, expect, it } from "vitest";
import { buildForm } from "@/lib/input-schema/form";
import { refusal, taken } from "@/lib/input-schema/testing-taken";
import { validate } from "@/lib/input-schema/validate";

const COG = {
  openapi: "3.0.2",
  info: { title: "Cog", version: "0.1.0" },
  paths: {
    "/": { get: {} },
    "/predictions": {
      post: {
        requestBody: {
          content: { "application/json": { schema: { $ref: "#/components/schemas/PredictionRequest" } } },
        },
      },
    },
  },
  components: {
    schemas: {
      Input: {
        title: "Input",
        type: "object",
        required: ["prompt"],
        properties: {
          seed: {
            title: "Seed",
            type: "integer",
            description: "Leave blank to randomize",
            nullable: true,
            "x-order": 4,
          },
          prompt: { title: "Prompt", type: "string", "x-order": 0 },
          image: { title: "Image", type: "string", format: "uri", "x-order": 1 },
          scheduler: {
            allOf: [{ $ref: "#/components/schemas/scheduler" }],
            default: "DDIM",
            description: "A scheduler.",
            "x-order": 2,
          },
          guidance: {
            title: "Guidance",
            type: "number",
            default: 7.5,
            minimum: 1,
            maximum: 20,
            "x-order": 3,
          },
        },
      },
      scheduler: {
        title: "scheduler",
        enum: ["DDIM", "K_EULER"],
        type: "string",
        description: "An enumeration.",
      },
      PredictionRequest: { type: "object", properties: { input: { $ref: "#/components/schemas/Input" } } },
    },
  },
};

describe("OpenAPI", () => {
  it("gives Cog's input, in its order, with its enums", () => {
    const { outline, source, notices, start, open } = taken(COG);
    expect(source).toBe("an OpenAPI document");
    expect(notices).toEqual(["Taken from components.schemas.Input."]);
    expect(outline).toEqual([
      "/prompt! text area",
      "/image file url|data-uri image/*",
      "/scheduler choice radio DDIM|K_EULER",
      "/guidance number slider 1..20 by any/0.2",
      "/seed? number box .. by 1",
    ]);
    expect(start).toEqual({ scheduler: "DDIM", guidance: 7.5 });
    expect(buildForm(open, start).byPath.get("/scheduler")).toMatchObject({
      description: "A scheduler.",
      label: "scheduler",
    });
    expect(
      validate(open, { prompt: "x", seed: null, scheduler: "PNDM" }).issues.map(({ path }) => path),
    ).toEqual(["/scheduler"]);
  });

  it("gives the body of the operation that runs, and names the others", () => {
    const body = (schema: unknown) => ({
      post: { requestBody: { content: { "application/json": { schema } } } },
    });
    const document = {
      openapi: "3.1.0",
      paths: {
        "/feedback": body({ type: "object" }),
        "/v1/generate": body({ $ref: "#/components/schemas/Job" }),
      },
      components: {
        schemas: {
          Job: {
            type: "object",
            properties: {
              input: { $ref: "#/components/schemas/In%20put" },
              webhook: { type: "string" },
            },
          },
          "In put": {
            type: "object",
            properties: {
              size: { type: "integer", minimum: 0, exclusiveMinimum: true, example: 3 },
              next: { $ref: "#/components/schemas/In%20put" },
            },
          },
        },
      },
    };
    const { schema, notices, outline } = taken(document);
    expect(notices).toEqual([
      "Taken from POST /v1/generate.",
      "The document has other bodies too: POST /feedback.",
      "The schema describes a whole request; the part under input was taken.",
    ]);
    expect(schema.$ref).toBe("#/$defs/In_put");
    expect(outline.slice(0, 2)).toEqual(["/size number box 1.. by 1", "/next object"]);
  });

  it.each<[name: string, text: string, message: RegExp]>([
    ["Swagger 2", '{"swagger":"2.0","paths":{}}', /Swagger 2/],
    ["YAML", "openapi: 3.0.0\ninfo:\n  title: x", /in YAML/],
    ["no body", '{"openapi":"3.0.0","paths":{"/":{"get":{}}}}', /no JSON body/],
    [
      "a dangling reference",
      '{"openapi":"3.0.0","components":{"schemas":{"Input":{"properties":{"a":{"$ref":"#/components/schemas/No"}}}}}}',
      /which is not in it/,
    ],
    [
      "another document",
      '{"openapi":"3.0.0","components":{"schemas":{"Input":{"properties":{"a":{"$ref":"https://x.y/z.json"}}}}}}',
      /never fetched/,
    ],
    [
      "endless depth",
      `{"openapi":"3.0.0","components":{"schemas":{"Input":${'{"a":'.repeat(3000)}1${"}".repeat(3000)}}}}`,
      /levels deep/,
    ],
  ])("refuses %s in a sentence", (_name, text, message) => expect(refusal(text)).toMatch(message));
});

describe("Pydantic", () => {
  it("gives the fields of model_json_schema", () => {
    const model = {
      $defs: {
        Lora: {
          properties: {
            name: { title: "Name", type: "string" },
            weight: { default: 1.0, title: "Weight", type: "number" },
          },
          required: ["name"],
          title: "Lora",
          type: "object",
        },
        Mode: { enum: ["fast", "good"], title: "Mode", type: "string" },
        Cat: {
          properties: { kind: { const: "cat", title: "Kind", type: "string" } },
          required: ["kind"],
          title: "Cat",
          type: "object",
        },
        Dog: {
          properties: {
            kind: { const: "dog", title: "Kind", type: "string" },
            age: { title: "Age", type: "integer" },
          },
          required: ["kind", "age"],
          title: "Dog",
          type: "object",
        },
      },
      properties: {
        prompt: { maxLength: 500, title: "Prompt", type: "string" },
        seed: { anyOf: [{ type: "integer" }, { type: "null" }], default: null, title: "Seed" },
        mode: { $ref: "#/$defs/Mode", default: "fast" },
        loras: { default: [], items: { $ref: "#/$defs/Lora" }, title: "Loras", type: "array" },
        size: {
          default: [512, 512],
          maxItems: 2,
          minItems: 2,
          prefixItems: [{ type: "integer" }, { type: "integer" }],
          title: "Size",
          type: "array",
        },
        pet: {
          discriminator: { mapping: { cat: "#/$defs/Cat", dog: "#/$defs/Dog" }, propertyName: "kind" },
          oneOf: [{ $ref: "#/$defs/Cat" }, { $ref: "#/$defs/Dog" }],
          title: "Pet",
        },
        tags: { additionalProperties: { type: "string" }, title: "Tags", type: "object" },
      },
      required: ["prompt", "pet"],
      title: "Input",
      type: "object",
    };
    const { outline, notices, source, open, start } = taken(model);
    expect([source, notices]).toEqual(["a JSON Schema", []]);
    expect(outline).toEqual([
      "/prompt! text area",
      "/seed? number box .. by 1",
      "/mode choice radio fast|good",
      '/loras list 0.. new {"weight":1}',
      "/size list 2+2..2 new null",
      "/size/0! number box .. by 1",
      "/size/1! number box .. by 1",
      "/pet! object [*Cat, Dog]",
      '/pet/kind! constant "cat"',
      '/tags object open new ""',
    ]);
    expect(validate(open, { prompt: "x", pet: { kind: "dog" } }).issues).toEqual([
      { path: "/pet/age", keyword: "required", label: "Age", message: "is required" },
    ]);
    expect(start).toEqual({ seed: null, mode: "fast", loras: [], size: [512, 512], pet: { kind: "cat" } });
  });
});

describe("JSON Schema", () => {
  it("is taken as it is, old spellings put into new ones", () => {
    const { schema, notices } = taken({
      $schema: "http://json-schema.org/draft-04/schema#",
      properties: {
        a: { type: "integer", maximum: 5, exclusiveMaximum: true },
        b: { type: "string", nullable: true, enum: ["x"] },
        default: { type: "string", default: { nullable: true } },
      },
    });
    expect(schema.properties).toEqual({
      a: { type: "integer", exclusiveMaximum: 5 },
      b: { type: ["string", "null"], enum: ["x", null] },
      default: { type: "string", default: { nullable: true } },
    });
    expect(notices).toEqual([]);
  });

  it("of a whole request gives its input", () => {
    const { schema, notices } = taken({
      type: "object",
      properties: { input: { $ref: "#/$defs/I" }, webhook: { type: "string" } },
      $defs: { I: { type: "object", properties: { a: { type: "string" } } } },
    });
    expect(schema.$ref).toBe("#/$defs/I");
    expect(notices).toEqual(["The schema describes a whole request; the part under input was taken."]);
  });

  it("is refused in a sentence where it cannot be used", () => {
    expect(refusal('{"$schema":"x","$ref":"https://a.b/c"}')).toMatch(/never fetched/);
    expect(
      refusal(`{"type":"object","properties":{"a":${'{"items":'.repeat(500)}{}${"}".repeat(500)}}}`),
    ).toMatch(/levels deep/);
    expect(refusal(" ")).toMatch(/nothing/);
    expect(refusal("x".repeat(3_000_000))).toMatch(/kB long/);
  });
});

describe("samples", () => {
  it.each<[name: string, text: string, source: string, fields: string[]]>([
    [
      "a Hub test file with its known oddities",
      `{"tests":[
        {"name":"plain","input":{"prompt":"a","steps":20},"timeout":30000},
        {"name":"twice","input":{"input":{"prompt":"b"}}},
        {"input":{"name":"inner","input":{"prompt":"c","steps":25},"timeout":9000}},
        {"name":"negative","input":{}},
        {"name":"http","method":"GET","path":"/ping","expectedStatus":200}
      ],"config":{"gpuTypeId":"X","containerDiskInGb":20}}`,
      "a file of tests",
      ["/prompt! text area", "/steps number box .. by 1"],
    ],
    [
      "older CI tests",
      '[{"hardwareConfig":{},"input":{"a":1}},{"input":{"a":2.0}}]',
      "a list of requests",
      ["/a! number box .. by any/0.1"],
    ],
    ["a test_input.json", '{"id":"t","input":{"a":true}}', "a whole request", ["/a boolean"]],
    ["a bare input", '{"prompt":"x"}', "a sample input", ["/prompt text area"]],
    [
      "a curl command",
      `curl -X POST https://api.runpod.ai/v2/abc/run -d '{"input":{"n":1.0}}'`,
      "a curl command",
      ["/n number box .. by any/0.1"],
    ],
  ])("in %s give a schema", (_name, text, from, fields) => {
    const { source, outline } = taken(text);
    expect([source, outline]).toEqual([from, fields]);
  });

  it("say what was left aside", () => {
    expect(taken('{"tests":[{"input":{"a":1}},{"input":{}},{"method":"GET","path":"/"}]}').notices).toEqual([
      expect.stringMatching(/One sample cannot tell/),
      "One empty input was left aside.",
      expect.stringMatching(/no input object/),
    ]);
  });

  it.each<[name: string, text: string, message: RegExp]>([
    ["no tests", '{"tests":[],"config":{}}', /no tests/],
    ["tests of another kind of endpoint", '{"tests":[{"method":"GET","path":"/"}]}', /not job requests/],
    ["empty inputs alone", '{"tests":[{"input":{}}]}', /empty/],
    ["words", "make me a form", /No schema, request or input/],
  ])("refuse %s", (_name, text, message) => expect(refusal(text)).toMatch(message));
});
