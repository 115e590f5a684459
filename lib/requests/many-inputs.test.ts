import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readManyInputs } from "@/lib/requests/many-inputs";

describe("readManyInputs", () => {
  it.each<[string, string, string[]]>([
    ["JSON lines, blank ones skipped", '{"n":1.0}\n\n {"n":1e3}\r\n', ['{"n":1.0}', '{"n":1e3}']],
    [
      "a JSON array over several lines",
      '[\n {"a":"],[{"},\n {"b":[1,{"c":2}]}\n]',
      ['{"a":"],[{"}', '{"b":[1,{"c":2}]}'],
    ],
    ["escapes inside strings", '[{"a":"\\"},{"},{"b":1}]', ['{"a":"\\"},{"}', '{"b":1}']],
    ["an empty array", "[]", []],
    ["whole bodies", '{"input":{"n":1.0}}\n{"input": {"x":":}"}}', ['{"n":1.0}', '{"x":":}"}']],
    ["an input that has an input among others", '{"input":{"a":1},"b":2}', ['{"input":{"a":1},"b":2}']],
  ])("reads %s", (_name, text, inputs) => expect(readManyInputs(text)).toEqual({ inputs, problems: [] }));

  it("names the lines that are no objects and keeps the others", () => {
    const read = readManyInputs('{"a":1}\n{"a":\n[1]\n{"b":2}');
    expect(read.inputs).toEqual(['{"a":1}', '{"b":2}']);
    expect(read.problems.map(({ at }) => at)).toEqual([2, 3]);
  });

  it("law: objects come back as they were written, as lines and as an array", () => {
    const object = fc.dictionary(
      fc.string().filter((key) => key !== "input"),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.array(object, { minLength: 1 }), (objects) => {
        const texts = objects.map((value) => JSON.stringify(value));
        expect(readManyInputs(texts.join("\n")).inputs).toEqual(texts);
        expect(readManyInputs(`[${texts.join(", ")}]`).inputs).toEqual(texts);
      }),
    );
  });
});
