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

/**
 * Look over JSON text before it is parsed. Stops where a bound is passed, so that hostile text costs least; does not say
 * whether the text is JSON.
 * @returns to follow "The input" or "The body", or null when it may be parsed
 */
export function findJsonExcess(text: string): string | null {
  if (text.length <= JSON_MAX.depth) return null;
  let depth = 0;
  let branches = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
    } else if (code === COMMA) {
      if (++values >= JSON_MAX.values)
        return `has more than ${JSON_MAX.values.toLocaleString("en")} values, which is the most that is read`;
    } else if ((code & BRACE_BIT) === OPEN) {
      if (++depth > JSON_MAX.depth) return `is nested deeper than ${JSON_MAX.depth} levels`;
      if (++branches > JSON_MAX.branches)
        return `has more than ${JSON_MAX.branches.toLocaleString("en")} objects and lists, which is the most that is read`;
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
