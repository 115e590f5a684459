export type JsonFault = {
  /** Of the first character that cannot stand where it stands; the length of the text when it ends too early. */
  offset: number;
  /** What should stand there, to follow "expected". */
  expected: string;
};

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Unescaped characters as RFC 8259 names them: everything from the blank on but the quote and the backslash. */
const PLAIN = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /true|false|null/y;
const BLANKS = /[ \t\n\r]*/y;

/**
 * Where JSON text first goes wrong. Engines word that place differently, or not at all for short texts, so it is found
 * here: one pass, no recursion, linear in the length.
 * @returns null exactly when JSON.parse accepts the text.
 */
export function findJsonFault(text: string): JsonFault | null {
  /** Closing marks of the brackets that are open, innermost last. */
  const open: ("}" | "]")[] = [];
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found !== null;
  };
  const skipString = (): boolean => {
    const end = text[at] === '"' ? stringBreak(text, at) : at;
    if (end === at || text[end] !== '"') return false;
    at = end + 1;
    return true;
  };
  const fault = (expected: string): JsonFault => ({ offset: at, expected });

  let wants: "value" | "value or ]" | "key" | "key or }" | "after" = "value";
  for (;;) {
    skip(BLANKS);
    const mark = text[at];
    if (wants === "after") {
      const close = open.at(-1);
      if (close === undefined) return at === text.length ? null : fault("the end");
      if (mark === ",") {
        at++;
        wants = close === "}" ? "key" : "value";
      } else if (mark === close) {
        at++;
        open.pop();
      } else return fault(`a comma or ${close}`);
    } else if (wants === "key" || wants === "key or }") {
      if (mark === "}" && wants === "key or }") {
        at++;
        open.pop();
        wants = "after";
        continue;
      }
      if (!skipString()) return inString(text, at) ?? fault("a name in double quotes");
      skip(BLANKS);
      if (text[at] !== ":") return fault("a colon");
      at++;
      wants = "value";
    } else {
      if (mark === "]" && wants === "value or ]") {
        at++;
        open.pop();
        wants = "after";
      } else if (mark === "{" || mark === "[") {
        at++;
        open.push(mark === "{" ? "}" : "]");
        wants = mark === "{" ? "key or }" : "value or ]";
      } else if (skipString() || skip(NUMBER) || skip(WORD)) {
        wants = "after";
      } else return inString(text, at) ?? fault("a value");
    }
  }
}

/**
 * Where the string that opens at `start` closes or breaks. Piece by piece: one pattern for the whole needs stack for each
 * piece, and a string may be 10 MB of base64.
 */
function stringBreak(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    PLAIN.lastIndex = at;
    PLAIN.test(text);
    ESCAPE.lastIndex = PLAIN.lastIndex;
    if (!ESCAPE.test(text)) return PLAIN.lastIndex;
    at = ESCAPE.lastIndex;
  }
}

/** A string that begins here and breaks further on: the break is the place to show. */
function inString(text: string, start: number): JsonFault | null {
  if (text[start] !== '"') return null;
  const offset = stringBreak(text, start);
  return {
    offset,
    expected: text[offset] === "\\" ? "a valid escape such as \\n" : "a closing double quote",
  };
}

/** Line and column, both from 1, of an offset. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
