import type { Dialect } from "@/lib/requests/imports-source";
import { PYTHON_PREFIX, stringEndAt } from "@/lib/requests/imports-source";

export type StringLiteral = {
  /** Pieces of text and, where the program puts a value in, the expression between the braces. */
  pieces: ({ text: string } | { expression: string })[];
  end: number;
};

const PLAIN: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
  "\n": "",
};
const ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|([0-7]{1,3})|\r?\n|([\s\S]))/g;

/** Escapes that JSON knows mean the same everywhere, and its own reader is by far the fastest. */
function asJsonText(body: string): string | null {
  if (/\\[^"\\bfnrtu]/.test(body)) return null;
  try {
    return JSON.parse(`"${body}"`) as string;
  } catch {
    return null; // something else stands in it as well
  }
}

function readEscapes(body: string, dialect: Dialect): string {
  if (!body.includes("\\")) return body;
  const json = asJsonText(body);
  if (json !== null) return json;
  return body.replace(
    ESCAPE,
    (all, x?: string, u?: string, braced?: string, long?: string, octal?: string, mark?: string) => {
      if (dialect === "javascript" && long) return all.slice(1);
      if (dialect === "python" && braced) return all;
      const hex = x ?? u ?? braced ?? long;
      const code = hex ? Number.parseInt(hex, 16) : octal ? Number.parseInt(octal, 8) : null;
      if (code !== null) return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
      if (mark === undefined) return "";
      if (dialect === "javascript" && mark === "a") return "a";
      // Python keeps the backslash of an escape that it does not know; JavaScript drops it.
      return PLAIN[mark] ?? (dialect === "javascript" || /["'\\]/.test(mark) ? mark : all);
    },
  );
}

/** @returns null when no string begins at `at` */
export function readString(text: string, at: number, dialect: Dialect): StringLiteral | null {
  PYTHON_PREFIX.lastIndex = at;
  const prefix = dialect === "python" ? (PYTHON_PREFIX.exec(text)?.[0].toLowerCase() ?? "") : "";
  const isTagged = dialect === "javascript" && text.startsWith("String.raw`", at);
  const start = at + (isTagged ? "String.raw".length : prefix.length);
  const quote = text[start];
  if (quote !== '"' && quote !== "'" && (quote !== "`" || dialect === "python")) return null;
  const { end, isClosed } = stringEndAt(text, start, dialect);
  if (!isClosed) return null;
  const width = dialect === "python" && text.startsWith(quote.repeat(3), start) ? 3 : 1;
  const body = text.slice(start + width, end - width);
  const say = (part: string) => (isTagged || prefix.includes("r") ? part : readEscapes(part, dialect));
  const holes =
    quote === "`" ? /\$\{([^{}`]{0,200})\}/g : prefix.includes("f") ? /\{\{|\}\}|\{([^{}]{1,200})\}/g : null;
  if (!holes) return { pieces: [{ text: say(body) }], end };
  const pieces: StringLiteral["pieces"] = [];
  let from = 0;
  for (const hole of body.matchAll(holes)) {
    pieces.push({ text: say(body.slice(from, hole.index)) });
    pieces.push(hole[1] === undefined ? { text: hole[0][0]! } : { expression: hole[1].trim() });
    from = hole.index + hole[0].length;
  }
  pieces.push({ text: say(body.slice(from)) });
  return { pieces, end };
}
