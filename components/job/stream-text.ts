/** The text of one streamed piece: a bare string, or the usual fields that hold one. Null when it is something else. */
function pieceText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return null;
  const { text, token, delta, content, choices } = value as Record<string, unknown>;
  for (const candidate of [text, token, delta, content]) if (typeof candidate === "string") return candidate;
  if (Array.isArray(choices) && choices.length > 0) {
    const first = choices[0] as { text?: unknown; delta?: { content?: unknown }; tokens?: unknown };
    if (typeof first?.text === "string") return first.text;
    if (typeof first?.delta?.content === "string") return first.delta.content;
    if (Array.isArray(first?.tokens) && first.tokens.every((one) => typeof one === "string"))
      return first.tokens.join("");
  }
  return null;
}

export type Streamed = { kind: "text"; text: string } | { kind: "values"; lines: string[] };

/** Pieces (JSON texts, in order) as one text when all of them are text, else as lines of JSON. */
export function joinStream(pieces: readonly string[]): Streamed {
  const texts: string[] = [];
  for (const piece of pieces) {
    const text = pieceText(parse(piece));
    if (text === null) return { kind: "values", lines: [...pieces] };
    texts.push(text);
  }
  return { kind: "text", text: texts.join("") };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
