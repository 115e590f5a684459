export type ReadJson = { ok: true; value: Record<string, unknown> } | { ok: false; message: string };

/** Line and column (both from 1) of a character offset. */
function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

/** Engines word the place of a syntax error differently; this finds it in V8's and SpiderMonkey's messages. */
function describeSyntaxError(text: string, error: unknown): string {
  const said = error instanceof Error ? error.message : "";
  const offset = /position (\d+)/.exec(said)?.[1];
  const lineColumn = /line (\d+) column (\d+)/.exec(said);
  const at =
    offset !== undefined
      ? position(text, Number(offset))
      : lineColumn
        ? { line: Number(lineColumn[1]), column: Number(lineColumn[2]) }
        : /end of (JSON )?(input|data)/i.test(said)
          ? position(text, text.length)
          : null;
  const where = at ? ` at line ${at.line}, column ${at.column}` : "";
  return `The input is not valid JSON${where}. Check for missing quotes, commas or brackets.`;
}

/** Parse the text of an input: an object, or a sentence that says what is wrong and where. */
export function readJsonObject(text: string): ReadJson {
  if (text.trim() === "")
    return { ok: false, message: 'The input is empty. Write a JSON object such as {"prompt": "…"}.' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, message: describeSyntaxError(text, error) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { ok: false, message: "The input must be a JSON object, in braces: {…}." };
  return { ok: true, value: value as Record<string, unknown> };
}

/** Top-level keys that the provider reads; it discards all others before the worker sees them. */
export const WIRE_KEYS = ["input", "webhook", "policy", "s3Config"] as const;

/**
 * Things that are allowed but rarely meant. Shown before sending, never in the way.
 */
export function inputWarnings(input: Record<string, unknown>): string[] {
  const keys = Object.keys(input);
  if (keys.length === 0)
    return ["An empty input is lost on the platform: the job fails about 40 s after a worker picks it up."];
  if (keys.length === 1 && keys[0] === "input")
    return [
      'This looks like a whole request body: the worker would receive {"input": {"input": …}}. Paste only the inner object.',
    ];
  const misplaced = keys.filter((key) => key === "webhook" || key === "policy" || key === "s3Config");
  return misplaced.length > 0
    ? [
        `Inside the input, ${misplaced.join(" and ")} does nothing by itself: it has its own setting beside the editor.`,
      ]
    : [];
}
