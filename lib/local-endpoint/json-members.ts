/**
 * The top-level members of a JSON object as they were spelled: numbers, key order and escapes of each value survive.
 * Of a key that occurs twice the last counts, as in JSON.parse.
 * @throws SyntaxError when the text is not JSON or not an object.
 */
export function readMembers(text: string): Map<string, string> {
  const value: unknown = JSON.parse(text); // settles the grammar, so that the scan below may be simple
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SyntaxError("not a JSON object");

  const members = new Map<string, string>();
  let depth = 0;
  let key: string | undefined;
  let from = text.indexOf("{") + 1;
  const close = (end: number) => {
    if (key !== undefined) members.set(key, text.slice(from, end).trim());
    key = undefined;
    from = end + 1;
  };
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = stringEnd(text, at);
      if (depth === 0 && key === undefined) {
        key = JSON.parse(text.slice(at, end)) as string;
        from = text.indexOf(":", end) + 1;
      }
      at = end - 1;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if (char === COMMA && depth === 0) close(at);
    else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      if (depth === 0) close(at);
      else depth--;
    }
  }
  return members;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Offset behind the closing quotation mark of the string that opens at `from`. */
function stringEnd(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

/** Write raw JSON texts as an object; members without a value are left out. */
export const spliceMembers = (members: Record<string, string | undefined>): string =>
  `{${Object.entries(members)
    .filter(([, raw]) => raw !== undefined)
    .map(([key, raw]) => `${JSON.stringify(key)}:${raw}`)
    .join(",")}}`;
