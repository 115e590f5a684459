import { describe, expect, it } from "vitest";
import { refusal, taken } from "@/lib/input-schema/testing-taken";

describe("rp_validator", () => {
  const source = `
from typing import Optional
import random

SCHEDULERS = ["DDIM", "K_EULER"]

# the schema
INPUT_SCHEMA = {
    'prompt': {
        'type': str,
        'required': True,  # "quoted": {
    },
    'width': {
        'type': int,
        'required': False,
        'default': 1_024,
        'constraints': lambda width: width in [128, 256, 384, 448, 512, 768, 1024]
    },
    "guidance": {"type": float, "required": False, "default": 7.50, 'constraints': lambda n: 3 > n > 0},
    'seed': {'type': int, 'required': False, 'default': None},
    'loras': {'type': list, 'required': False, 'default': []},
    'extra': {'type': dict, 'required': False, 'default': {}},
    'refine': {'type': bool, 'required': False, 'default': False},
    'noise': {'type': int, 'required': False, 'default': random.randint(0, 5)},
    'image': {'type': Image, 'required': False},
    'either': {'type': (int, str), 'required': True},
    'maybe': {'type': Optional[str], 'required': False, 'default': ('a ' 'b')},
}

def handler(job):
    __import__("os").system("touch /should-not-exist")
    return validate(job["input"], INPUT_SCHEMA)
`;

  it("gives the fields, and leaves the programs behind", () => {
    const { source: from, outline, notices, start, schema } = taken(source);
    expect(from).toBe("rp_validator's schema");
    expect(outline).toEqual([
      "/prompt! text area",
      "/width number box .. by 1",
      "/guidance number box .. by any/0.1",
      "/seed? number box .. by 1",
      "/loras list 0.. new null",
      "/extra object open new null",
      "/refine boolean",
      "/noise number box .. by 1",
      "/image json The schema does not say what kind of value this is.",
      "/either! number box .. by 1 [*A whole number, Text]",
      "/maybe? text line",
    ]);
    expect(start).toEqual({
      width: 1024,
      guidance: 7.5,
      seed: null,
      loras: [],
      extra: {},
      refine: false,
      maybe: "a b",
    });
    expect(schema).toMatchObject({ required: ["prompt", "either"], additionalProperties: false });
    expect(notices).toEqual([
      expect.stringMatching(/default of noise is computed \(random\.randint/),
      "The type of image is Image, so its field takes anything.",
      "image is optional without a default, which rp_validator itself refuses.",
      expect.stringMatching(
        /not taken over.*width \(lambda width: width in \[128.*guidance \(lambda n: 3 > n > 0\)/,
      ),
    ]);
  });

  it.each<[name: string, text: string, fields: string[]]>([
    ["another name", "VALIDATIONS = {'a': {'type': str, 'required': True}}", ["/a! text line"]],
    ["a bare dict", "{'a': {'type': int, 'required': True}, }", ["/a! number box .. by 1"]],
    [
      "an annotated name",
      "INPUT_SCHEMA: dict[str, Any] = {'a': {'type': bool, 'required': True}}",
      ["/a! boolean"],
    ],
    [
      "the one named INPUT_SCHEMA of several",
      "A_SCHEMA = {'x': {'type': str}}\nINPUT_SCHEMA = {'a': {'type': bool, 'required': True}}",
      ["/a! boolean"],
    ],
    [
      "rules that are kept in names",
      "P = {'type': str, 'required': True}\nINPUT_SCHEMA = {'p': P}",
      ["/p! text line"],
    ],
    [
      "types of today's Python",
      "S = {'a': {'type': list[str], 'default': []}, 'b': {'type': int | None, 'default': 1}}",
      ["/a list 0.. new null", "/b? number box .. by 1"],
    ],
  ])("reads %s", (_name, text, fields) => expect(taken(text).outline).toEqual(fields));

  it("refuses what holds no schema, or would take too long", () => {
    expect(refusal("x = 1  # 'type': str")).toMatch(/INPUT_SCHEMA/);
    expect(refusal(`INPUT_SCHEMA = {'type': str, ${"{".repeat(5_000)}`)).toMatch(/nested|No schema/);
    expect(refusal(`S = {'a': {'type': str}}\n${"x".repeat(300_000)}`)).toMatch(/too long/);
  });
});
