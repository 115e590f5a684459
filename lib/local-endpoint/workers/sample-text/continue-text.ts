import { seededRandom } from "@/lib/local-endpoint/workers/random";
import type { NgramModel } from "@/lib/local-endpoint/workers/sample-text/ngram-model";
import {
  CLOSE_QUOTE,
  endsSentence,
  isInsideQuotes,
  OPEN_QUOTE,
  tokenize,
  writeToken,
} from "@/lib/local-endpoint/workers/sample-text/tokenize";

export type Continuation = { prompt: string; maxTokens: number; temperature: number; seed: number };

/**
 * Continue a prompt token by token. The same prompt, temperature and seed give the same words, always.
 * It ends at the first end of a sentence after `maxTokens`, or 30 tokens later at the latest, so that the text does not
 * break off in the middle of a word group.
 */
export function* continueText(model: NgramModel, { prompt, maxTokens, temperature, seed }: Continuation) {
  const random = seededRandom(seed);
  const history = tokenize(prompt);
  let text = prompt;
  for (let written = 0; written < maxTokens + 30; written++) {
    const quoted = isInsideQuotes(history);
    if (written >= maxTokens && !quoted && endsSentence(history)) return;
    const token = choose(paired(model.next(history), quoted), temperature, random);
    const piece = writeToken(token, { text, token: history.at(-1) });
    yield piece;
    text += piece;
    history.push(token);
  }
}

/** Nobody begins to speak while somebody speaks, and nobody ends who did not begin. */
function paired(candidates: [string, number][], quoted: boolean): [string, number][] {
  const impossible = quoted ? OPEN_QUOTE : CLOSE_QUOTE;
  const possible = candidates.filter(([token]) => token !== impossible);
  return possible.length > 0 ? possible : [[quoted ? CLOSE_QUOTE : ".", 1]];
}

/** Temperature 0 takes the likeliest; 1 draws as the text does; above that the rare words gain. */
function choose(candidates: [string, number][], temperature: number, random: () => number): string {
  const likeliest = candidates[0]!;
  if (temperature === 0) return likeliest[0];
  const weights = candidates.map(([, weight]) => (weight / likeliest[1]) ** (1 / temperature));
  let left = random() * weights.reduce((a, b) => a + b, 0);
  for (const [at, weight] of weights.entries()) {
    left -= weight;
    if (left <= 0) return candidates[at]![0];
  }
  return likeliest[0];
}
