import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EnvelopeReader, MalformedEnvelope } from "@/lib/upstream/envelope";

function read(text: string | Buffer, step = 7): { output: string | null; members: Record<string, unknown> } {
  const output: Buffer[] = [];
  const reader = new EnvelopeReader("output", (bytes) => output.push(Buffer.from(bytes)));
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += step) reader.push(bytes.subarray(i, i + step));
  const members = reader.end();
  return {
    output: members.has("output") ? Buffer.concat(output).toString().trim() : null,
    members: Object.fromEntries(
      [...members].filter(([k]) => k !== "output").map(([k, v]) => [k, JSON.parse(v)]),
    ),
  };
}

describe("EnvelopeReader", () => {
  it("hands the output on exactly as it was spelled", () => {
    const output = '{"a":1.0, "b":12345678901234567890,"é":"\\u00e9 \\" } ]", "a":1e3}';
    const seen = read(`{ "id":"x", "output": ${output} , "delayTime": 12, "status":"COMPLETED"}`);
    expect(seen).toEqual({ output, members: { id: "x", delayTime: 12, status: "COMPLETED" } });
  });

  it("law: any object, cut into pieces of any size, is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.integer({ min: 1, max: 50 }),
        (object, step) => {
          const { output, members } = read(JSON.stringify(object), step);
          const { output: expected, ...rest } = JSON.parse(JSON.stringify(object));
          expect(output === null ? undefined : JSON.parse(output)).toEqual(expected);
          expect(members).toEqual(rest);
        },
      ),
    );
  });

  it("does not mind a million levels of nesting", () => {
    const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
    expect(read(`{"output":${deep}}`, 65_536).output).toBe(deep);
  });

  it.each([
    ["nothing", ""],
    ["a page of HTML", "<html>502</html>"],
    ["an array", "[1]"],
    ["a truncated object", '{"id":"x","output":[1,'],
    ["a broken field", '{"id":tru}'],
    ["two objects", '{"id":1}{"id":2}'],
    ["a huge field", `{"id":"${"x".repeat(300_000)}"}`],
  ])("refuses %s", (_name, text) => expect(() => read(text, 1000)).toThrow(MalformedEnvelope));
});
