import { expect, it } from "vitest";
import { joinStream } from "@/components/job/stream-text";

it.each<[name: string, pieces: unknown[], text: string]>([
  ["bare strings", ["The ", "fox"], "The fox"],
  ["the sample's pieces", [{ text: "The " }, { text: "fox" }], "The fox"],
  [
    "chat deltas",
    [{ choices: [{ delta: { content: "Hi" } }] }, { choices: [{ delta: { content: "!" } }] }],
    "Hi!",
  ],
  ["vLLM tokens", [{ choices: [{ tokens: ["a", "b"] }] }], "ab"],
  ["nothing yet", [], ""],
])("%s read as one text", (_name, pieces, text) =>
  expect(joinStream(pieces.map((piece) => JSON.stringify(piece)))).toEqual({ kind: "text", text }),
);

it("anything else is shown as it came", () => {
  expect(joinStream(['{"n":0}', '{"n":1}'])).toEqual({ kind: "values", lines: ['{"n":0}', '{"n":1}'] });
});

it("pieces with anything but text where text is expected are shown as they came", () => {
  const deep = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
  const piece = `{"choices":[{"tokens":[${deep}]}]}`;
  expect(joinStream([piece])).toEqual({ kind: "values", lines: [piece] });
});
