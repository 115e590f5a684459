import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Handler } from "@/lib/local-endpoint/workers/handler";
import { parseInput } from "@/lib/local-endpoint/workers/parse-input";
import { continueText } from "@/lib/local-endpoint/workers/sample-text/continue-text";
import { textInput } from "@/lib/local-endpoint/workers/sample-text/input";
import type { NgramModel } from "@/lib/local-endpoint/workers/sample-text/ngram-model";

/** Streams `{ text }` per token; what stays is the whole text with the numbers that repeat it. */
export function createTextHandler(model: NgramModel, draw = () => randomInt(2 ** 32)): Handler {
  return async function* sampleText(job, { signal }) {
    const input = parseInput(textInput, job.input);
    const seed = input.seed ?? draw();
    const pauseMs = input.tokens_per_second > 0 ? 1000 / input.tokens_per_second : 0;
    const began = performance.now();

    let continuation = "";
    let tokens = 0;
    const { prompt, temperature, max_tokens: maxTokens } = input;
    for (const text of continueText(model, { prompt, temperature, maxTokens, seed })) {
      continuation += text;
      tokens++;
      yield { text };
      // Paced against the clock, not from token to token: what the queue takes of the time is not added to it.
      const aheadMs = began + tokens * pauseMs - performance.now();
      if (aheadMs > 0) await sleep(aheadMs, undefined, { signal });
      signal.throwIfAborted();
    }
    return { text: prompt + continuation, continuation, tokens, seed, temperature };
  };
}
