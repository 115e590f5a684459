import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSecretName, summarizeInput } from "@/lib/requests/redaction";

describe("a field's name", () => {
  it.each([
    ...[
      "password",
      "db_password",
      "Password",
      "passwd",
      "secret",
      "client_secret",
      "clientSecret",
      "secretKey",
    ],
    ...["api_key", "apiKey", "API_KEY", "api-key", "OPENAI_API_KEY", "openaiApiKey", "apikey"],
    ...["token", "hf_token", "hfToken", "HF_TOKEN", "access-token", "aws_secret_access_key", "accessKey"],
    ...["private_key", "privateKey", "authorization", "Authorization", "credential", "credentials"],
  ])("%s keeps a secret", (name) => expect(isSecretName(name)).toBe(true));

  it.each([
    ...["max_tokens", "maxTokens", "tokens", "tokenizer", "num_tokens", "token_count", "max_new_tokens"],
    ...["prompt", "seed", "key", "keyframe", "monkey", "passage", "author", "steps", "api", ""],
  ])("%s does not", (name) => expect(isSecretName(name)).toBe(false));
});

describe("the summary of an input", () => {
  it.each<[name: string, input: Record<string, unknown>, line: string]>([
    [
      "fields in their order",
      { prompt: "a fox", seed: 7, fast: true },
      "prompt: a fox · seed: 7 · fast: true",
    ],
    ["the first three only", { a: 1, b: 2, c: 3, d: 4 }, "a: 1 · b: 2 · c: 3"],
    [
      "sizes of what is large",
      { list: [1, 2], map: { a: 1 }, none: null },
      "list: [2] · map: {…} · none: null",
    ],
    ["one line", { prompt: "a\n\tb\u0000c" }, "prompt: a b c"],
    ["no secrets", { hf_token: "hf_planted", max_tokens: 5 }, "hf_token: ••• · max_tokens: 5"],
    ["no secrets of any type", { password: 12345, apiKey: ["x"] }, "password: ••• · apiKey: •••"],
    ["long values shortened", { p: "x".repeat(100) }, `p: ${"x".repeat(60)}…`],
    ["nothing of nothing", {}, ""],
  ])("shows %s", (_name, input, line) => expect(summarizeInput(input)).toBe(line));

  it("law: is one line of at most 160 characters without control characters, and quick", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ size: "large" }), fc.jsonValue()), (input) => {
        const line = summarizeInput(input);
        expect(line.length).toBeLessThanOrEqual(160);
        expect(line).not.toMatch(/\p{Cc}/u);
      }),
    );
    const startedAt = performance.now();
    summarizeInput({ image: " ".repeat(10_000_000), ["a_".repeat(1_000_000)]: "_".repeat(1_000_000) });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
