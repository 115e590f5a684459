import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Handler } from "@/lib/local-endpoint/workers/handler";
import { parseInput } from "@/lib/local-endpoint/workers/parse-input";
import { continueText } from "@/lib/local-endpoint/workers/sample-text/continue-text";
import { textInput } from "@/lib/local-endpoint/workers/sample-text/input";
import type { NgramModel } from "@/lib/local-endpoint/workers/sample-text/ngram-model";

/** A chunk is a request to the queue, so tokens that come faster than this travel together. */
const CHUNK_MS = 100;
const CHUNK_TOKENS = 8;

/** Streams `{ text }` of a few tokens each; what stays is the whole text with the numbers that repeat it. */
export function createTextHandler(model: NgramModel, draw = () => randomInt(2 ** 32)): Handler {
  return async function* sampleText(job, { signal }) {
    const input = parseInput(textInput, job.input);
    const seed = input.seed ?? draw();
    const pauseMs = input.tokens_per_second > 0 ? 1000 / input.tokens_per_second : 0;
    const began = performance.now();

    let continuation = "";
    let tokens = 0;
    let chunk = { text: "", tokens: 0, since: Number.NEGATIVE_INFINITY };
    const { prompt, temperature, max_tokens: maxTokens } = input;
    for (const text of continueText(model, { prompt, temperature, maxTokens, seed })) {
      continuation += text;
      tokens++;
      chunk.text += text;
      chunk.tokens++;
      if (chunk.tokens >= CHUNK_TOKENS || performance.now() - chunk.since >= CHUNK_MS) {
        yield { text: chunk.text };
        chunk = { text: "", tokens: 0, since: performance.now() };
      }
      // Paced against the clock, not from token to token: what the queue takes of the time is not added to it.
      const aheadMs = began + tokens * pauseMs - performance.now();
      if (aheadMs > 0) await sleep(aheadMs, undefined, { signal });
      signal.throwIfAborted();
    }
    if (chunk.tokens > 0) yield { text: chunk.text };
    return { text: prompt + continuation, continuation, tokens, seed, temperature };
  };
}
