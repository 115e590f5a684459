import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { continueText } from "@/lib/local-endpoint/workers/sample-text/continue-text";
import { trainNgramModel } from "@/lib/local-endpoint/workers/sample-text/ngram-model";

const corpus = readFileSync(new URL("./corpus.txt", import.meta.url), "utf8");
const model = trainNgramModel(corpus);
const write = (prompt: string, more: { temperature?: number; seed?: number; maxTokens?: number } = {}) =>
  [...continueText(model, { prompt, maxTokens: 60, temperature: 0.8, seed: 1, ...more })].join("");
const prompt = "The lazy brown fox jumps over the";

describe("continueText", () => {
  it("repeats itself for the same seed and differs for another", () => {
    expect(write(prompt)).toBe(write(prompt));
    expect(write(prompt, { seed: 2 })).not.toBe(write(prompt));
  });

  it("has only one way at temperature 0, whatever the seed", () => {
    expect(write(prompt, { temperature: 0, seed: 1 })).toBe(write(prompt, { temperature: 0, seed: 2 }));
  });

  it("writes new sentences, not a page of the text it learned from", () => {
    const said = write(prompt, { maxTokens: 120 });
    expect(corpus).not.toContain(said.trim());
    expect(said.trim().split(" ").length).toBeGreaterThan(80);
  });

  it.each([
    ["a letter", "A"],
    ["words it does not know", "Quantum flux"],
    ["nothing", ""],
    ["accents", "Ça va?"],
    ["another script", "她说"],
    ["an open quotation", '"I am'],
    ["a bracket", "("],
    ["a control character", "a\u0000b"],
    ["a very long word", "x".repeat(8000)],
  ])("goes on from %s with text that is set as text is", (_name, start) => {
    for (let seed = 0; seed < 20; seed++) {
      const said = write(start, { seed });
      expect(said.length).toBeGreaterThan(20);
      expect(said).not.toMatch(/ [.,;:!?]|\s\s|[“”]/);
      expect((start + said).split('"').length % 2, said).toBe(1);
    }
  });

  it("ends soon after max_tokens, and nearly always at the end of a sentence", () => {
    const endings = Array.from({ length: 60 }, (_, seed) => {
      const tokens = [...continueText(model, { prompt, maxTokens: 40, temperature: 1, seed })];
      expect(tokens.length).toBeLessThanOrEqual(70);
      return /[.!?]"?$/.test(tokens.join(""));
    });
    expect(endings.filter(Boolean).length).toBeGreaterThan(57);
  });
});
