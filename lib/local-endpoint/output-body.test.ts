import { describe, expect, it } from "vitest";
import { OutputBodyReader } from "@/lib/local-endpoint/output-body";
import { readWorkerResult } from "@/lib/local-endpoint/worker-result";

const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);

function read(text: string, step = 65_536) {
  const reader = new OutputBodyReader(20 * 1024 * 1024);
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += step) reader.push(bytes.subarray(i, i + step));
  return readWorkerResult(reader.end());
}

describe("what a worker hands in", () => {
  it.each([
    [
      "numbers as they were spelled",
      '{"output":{"a":1.0,"b":12345678901234567890}}',
      '{"a":1.0,"b":12345678901234567890}',
    ],
    ["a million levels", `{"output":${deep}}`, deep],
    ["blanks around it", '{"output" : "x" \n}', '"x"'],
    [
      "a member beside it of a million levels",
      `{"more":${"[".repeat(100_000)},"output":1}`.replace(",", `${"]".repeat(100_000)},`),
      "1",
    ],
  ])("keeps %s", (_name, body, output) => {
    for (const step of [65_536, 1000]) {
      const result = read(body, step);
      expect(result.kind === "completed" && result.output === output).toBe(true);
    }
  });

  it.each([
    "",
    "[]",
    '{"output":tru}',
    '{"output":[1,]}',
    '{"output":1',
    '{"output":1,"output":2}',
    '{"error":nope}',
  ])("refuses %s", (body) => expect(() => read(body)).toThrow(SyntaxError));

  it("takes an error that is no text, or too deep to be read, as it was spelled", () => {
    expect(read('{"error":"boom","output":1}')).toEqual({ kind: "failed", error: "boom" });
    expect(read('{"error":{"a":1}}')).toEqual({ kind: "failed", error: '{"a":1}' });
    expect(read(`{"error":${deep}}`)).toEqual({ kind: "failed", error: deep });
  });
});
