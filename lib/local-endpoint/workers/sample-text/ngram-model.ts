import { endsSentence, fold, tokenize } from "@/lib/local-endpoint/workers/sample-text/tokenize";

/** How many tokens a context may hold. Longer ones would only recite a text of this size. */
const ORDER = 3;
/** How much a context of n tokens counts against a shorter one. Its square root would mumble, its square would recite. */
const LONGER_IS_BETTER = 6;

type Counts = Map<string, number>;

export type NgramModel = {
  tokens: number;
  vocabulary: number;
  /**
   * What may follow `history`, heaviest first, weights summing to 1. All context lengths that the text knows are mixed,
   * so there is a choice even where the longest context was seen once. After a word that the text does not have, a new
   * sentence begins.
   */
  next: (history: readonly string[]) => [token: string, weight: number][];
};

/** Count every context of up to {@link ORDER} tokens. Paragraphs are separate: nothing is learned across their border. */
export function trainNgramModel(text: string): NgramModel {
  const contexts = new Map<string, Counts>();
  const starts: Counts = new Map();
  const vocabulary = new Set<string>();
  let total = 0;

  for (const paragraph of text.split(/\n+/)) {
    if (paragraph.startsWith("#")) continue;
    const tokens = tokenize(paragraph);
    total += tokens.length;
    tokens.forEach((token, at) => {
      vocabulary.add(fold(token));
      if (at === 0 || endsSentence(tokens.slice(Math.max(0, at - 2), at))) count(starts, token);
      for (let length = 1; length <= Math.min(ORDER, at); length++) {
        const key = contextKey(tokens.slice(at - length, at));
        const counts = contexts.get(key) ?? new Map<string, number>();
        contexts.set(key, counts);
        count(counts, token);
      }
    });
  }

  return {
    tokens: total,
    vocabulary: vocabulary.size,
    next(history) {
      const mixed: Counts = new Map();
      for (let length = 1; length <= Math.min(ORDER, history.length); length++) {
        const counts = contexts.get(contextKey(history.slice(-length)));
        if (counts) mix(mixed, counts, LONGER_IS_BETTER ** length);
      }
      if (mixed.size === 0 && history.length > 0 && !endsSentence(history)) return [[".", 1]];
      if (mixed.size === 0) mix(mixed, starts, 1);
      const sum = [...mixed.values()].reduce((a, b) => a + b, 0);
      return [...mixed]
        .map(([token, weight]): [string, number] => [token, weight / sum])
        .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    },
  };
}

const contextKey = (tokens: readonly string[]): string => tokens.map(fold).join(" ");

const count = (counts: Counts, token: string) => counts.set(token, (counts.get(token) ?? 0) + 1);

function mix(into: Counts, counts: Counts, weight: number) {
  let sum = 0;
  for (const n of counts.values()) sum += n;
  for (const [token, n] of counts) into.set(token, (into.get(token) ?? 0) + (weight * n) / sum);
}
