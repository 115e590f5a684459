/**
 * Bounds of the JSON that is parsed into values. A parser takes about a microsecond per bracket and holds up everybody
 * meanwhile: 10 MB of nothing but brackets would take it seconds. What people write stays far below.
 */
export const JSON_MAX = { depth: 200, branches: 100_000, values: 1_000_000 } as const;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** `[` and `{` differ in one bit from each other; so do `]` and `}`. */
const BRACE_BIT = 0xdf;
const OPEN = 0x5b;
const CLOSE = 0x5d;

type JsonBounds = { depth: number; branches: number; values: number };

const count = (most: number): string => most.toLocaleString("en");

/**
 * Look over JSON text before it is parsed. Stops where a bound is passed, so that hostile text costs least; does not say
 * whether the text is JSON.
 * @returns to follow "The input" or "The body", or null when it may be parsed
 */
export function findJsonExcess(text: string, most: JsonBounds = JSON_MAX): string | null {
  if (text.length <= most.depth) return null;
  let depth = 0;
  let branches = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
    } else if (code === COMMA) {
      if (++values >= most.values) return `has more than ${count(most.values)} values`;
    } else if ((code & BRACE_BIT) === OPEN) {
      if (++depth > most.depth) return `is nested deeper than ${most.depth} levels`;
      if (++branches > most.branches) return `has more than ${count(most.branches)} objects and lists`;
    } else if ((code & BRACE_BIT) === CLOSE) depth--;
  }
  return null;
}

/** Offset of the quotation mark that closes the string that opens at `from`, or of the text's end. */
function stringEnd(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
