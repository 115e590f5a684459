/** The two quotation marks as tokens of their own: which one a `"` is follows from how many stand before it. */
export const OPEN_QUOTE = "\u201c";
export const CLOSE_QUOTE = "\u201d";

/** Words (with inner apostrophes and hyphens) and single punctuation marks; everything else separates. */
export function tokenize(text: string): string[] {
  const tokens = text.match(/[\p{L}\p{N}]+(?:['\u2019-][\p{L}\p{N}]+)*|[.,;:!?"\u201c\u201d]/gu) ?? [];
  let open = false;
  return tokens.map((token) => {
    if (token === '"') open = !open;
    return token === '"' ? (open ? OPEN_QUOTE : CLOSE_QUOTE) : token;
  });
}

/** What two spellings of one word have in common; contexts are compared by it. */
export const fold = (token: string): string => token.toLowerCase();

const isStop = (token: string | undefined): boolean => token === "." || token === "!" || token === "?";

/** Whether nothing is left to say: a full stop, or one just before a closing quotation mark. */
export const endsSentence = (tokens: readonly string[]): boolean =>
  isStop(tokens.at(-1)) || (tokens.at(-1) === CLOSE_QUOTE && isStop(tokens.at(-2)));

export const isInsideQuotes = (tokens: readonly string[]): boolean =>
  tokens.lastIndexOf(OPEN_QUOTE) > tokens.lastIndexOf(CLOSE_QUOTE);

/** The token as it is written behind `before`, with the space that belongs between them. */
export function writeToken(token: string, before: { text: string; token: string | undefined }): string {
  const glued = before.text === "" || /\s$/.test(before.text) || before.token === OPEN_QUOTE;
  const text = token === OPEN_QUOTE || token === CLOSE_QUOTE ? '"' : token;
  return glued || /^[.,;:!?\u201d]$/.test(token) ? text : ` ${text}`;
}
