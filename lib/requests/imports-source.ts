export type Dialect = "python" | "javascript";

/** Program text with its strings and comments known. It is read, never run. */
export type Source = {
  dialect: Dialect;
  text: string;
  /** As long as the text; strings are ¤ and comments blank, so that patterns find code alone. */
  code: string;
  /** Where the value of each assigned name begins: the last assignment counts. */
  names: ReadonlyMap<string, number>;
};

const FILL = "\u00a4";
/** Letters in front of a Python string that change what it says. */
export const PYTHON_PREFIX = /(?<![\w.])(?:[rR][bBfF]?|[bBfF][rR]?|[uU])(?=["'])/y;

/** Where the string that opens at `at` ends, past its closing quote. An unclosed one ends with its line, or the text. */
export function stringEndAt(text: string, at: number, dialect: Dialect): { end: number; isClosed: boolean } {
  const quote = text[at]!;
  const isTriple = dialect === "python" && text.startsWith(quote.repeat(3), at);
  const mayBreak = isTriple || quote === "`";
  const close = isTriple ? quote.repeat(3) : quote;
  for (let i = at + close.length; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (!mayBreak && text[i] === "\n") return { end: i, isClosed: false };
    else if (text[i] === quote && (!isTriple || text.startsWith(close, i)))
      return { end: i + close.length, isClosed: true };
  }
  return { end: text.length, isClosed: false };
}

/** Where a comment that opens at `at` ends; `at` itself when there is none. */
export function commentEndAt(text: string, at: number, dialect: Dialect): number {
  const isLine = dialect === "python" ? text[at] === "#" : text.startsWith("//", at);
  if (isLine) {
    const end = text.indexOf("\n", at);
    return end === -1 ? text.length : end;
  }
  if (dialect === "python" || !text.startsWith("/*", at)) return at;
  const end = text.indexOf("*/", at + 2);
  return end === -1 ? text.length : end + 2;
}

function mask(text: string, dialect: Dialect): string {
  const parts: string[] = [];
  let plain = 0;
  const cover = (from: number, to: number, mark: string) => {
    parts.push(text.slice(plain, from), mark.repeat(to - from));
    plain = to;
  };
  for (let at = 0; at < text.length; ) {
    const mark = text[at]!;
    if (mark === '"' || mark === "'" || (mark === "`" && dialect === "javascript")) {
      const { end } = stringEndAt(text, at, dialect);
      cover(at, end, FILL);
      at = end;
    } else if (mark === "#" || mark === "/") {
      const end = commentEndAt(text, at, dialect);
      if (end > at) cover(at, end, " ");
      at = Math.max(end, at + 1);
    } else at++;
  }
  parts.push(text.slice(plain));
  return parts.join("");
}

const ASSIGNED: Record<Dialect, RegExp> = {
  python: /^[ \t]*([A-Za-z_]\w*)[ \t]*(?::[^=\n]{1,80})?=(?!=)[ \t]*/gm,
  javascript: /\b(?:const|let|var)[ \t]+([A-Za-z_$][\w$]*)[ \t]*(?::[^=\n]{1,80})?=(?!=)[ \t\n]*/g,
};

export function readSource(text: string, dialect: Dialect): Source {
  const code = mask(text, dialect);
  const names = new Map<string, number>();
  for (const found of code.matchAll(ASSIGNED[dialect])) names.set(found[1]!, found.index + found[0].length);
  return { dialect, text, code, names };
}
