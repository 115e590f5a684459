import { seededRandom } from "@/lib/local-endpoint/workers/random";
import type { NgramModel } from "@/lib/local-endpoint/workers/sample-text/ngram-model";
import {
  CLOSE_QUOTE,
  endsSentence,
  fold,
  isInsideQuotes,
  OPEN_QUOTE,
  tokenize,
  writeToken,
} from "@/lib/local-endpoint/workers/sample-text/tokenize";

export type Continuation = { prompt: string; maxTokens: number; temperature: number; seed: number };

/** How many tokens a sentence may still take after `maxTokens`. */
const OVERTIME = 30;
/** Four words in a row are not said twice: with so small a text the model would walk in circles. */
const NO_REPEAT = 4;

/**
 * Continue a prompt token by token. The same prompt, temperature and seed give the same words, always.
 * It ends at the first end of a sentence after `maxTokens`, or {@link OVERTIME} tokens later at the latest, so that the
 * text hardly ever breaks off in the middle.
 */
export function* continueText(model: NgramModel, { prompt, maxTokens, temperature, seed }: Continuation) {
  const random = seededRandom(seed);
  const history = tokenize(prompt);
  const said = new Set(history.map((_, end) => phrase(history.slice(0, end + 1))));
  let text = prompt;
  for (let written = 0; written < maxTokens + OVERTIME; written++) {
    const quoted = isInsideQuotes(history);
    const isLate = written >= maxTokens;
    if (isLate && !quoted && endsSentence(history)) return;

    // Nobody begins to speak while somebody speaks, and nobody ends who did not begin.
    let candidates = model.next(history).filter(([token]) => token !== (quoted ? OPEN_QUOTE : CLOSE_QUOTE));
    if (candidates.length === 0) candidates = [[quoted ? CLOSE_QUOTE : ".", 1]];
    candidates = prefer(candidates, ([token]) => !said.has(phrase([...history.slice(-NO_REPEAT), token])));
    if (isLate) candidates = prefer(candidates, ([token]) => isEnding(token));
    const token = choose(candidates, temperature, random);
    const piece = writeToken(token, { text, token: history.at(-1) });
    yield piece;
    text += piece;
    history.push(token);
    said.add(phrase(history));
  }
}

const phrase = (tokens: readonly string[]): string => tokens.slice(-NO_REPEAT).map(fold).join(" ");

const isEnding = (token: string): boolean => [".", "!", "?", CLOSE_QUOTE].includes(token);

/** Those that pass, or all of them when none does. */
function prefer(candidates: [string, number][], passes: (candidate: [string, number]) => boolean) {
  const passing = candidates.filter(passes);
  return passing.length > 0 ? passing : candidates;
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
