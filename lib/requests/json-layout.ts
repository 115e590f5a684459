/**
 * Layout of JSON text without touching what it says: numbers keep their spelling, keys their order and their
 * repetitions. Both functions expect text that JSON.parse accepts.
 */

/** Where the string that opens at `at` ends. A pattern would need stack for every escape, and inputs hold megabytes of base64. */
function stringEnd(text: string, at: number): number {
  for (let i = text.indexOf('"', at + 1); i !== -1; i = text.indexOf('"', i + 1)) {
    let slashes = 0;
    while (text[i - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return i + 1;
  }
  return text.length;
}

const BLANKS = /\s*/y;
const RUN = /[^\s{}[\],:"]+/y;

/** Strings, single marks, and runs of anything else, with their places. */
export function* jsonTokens(text: string): Generator<{ token: string; at: number }> {
  for (let at = 0; ; ) {
    BLANKS.lastIndex = at;
    BLANKS.test(text);
    at = BLANKS.lastIndex;
    if (at >= text.length) return;
    RUN.lastIndex = at;
    const end = text[at] === '"' ? stringEnd(text, at) : RUN.test(text) ? RUN.lastIndex : at + 1;
    yield { token: text.slice(at, end), at };
    at = end;
  }
}

/** Longer layouts are of no use to a reader; deep texts would grow with the square of their depth. */
const LAYOUT_MAX_LENGTH = 24 * 1024 * 1024;

/**
 * One member per line, two blanks per level; empty objects and arrays stay on their line. A text whose layout would be
 * longer than 24 million characters comes back as it is.
 */
export function formatJson(text: string): string {
  let out = "";
  let depth = 0;
  let previous = "";
  const newLine = () => `\n${"  ".repeat(depth)}`;
  for (const { token } of jsonTokens(text)) {
    if (out.length + 2 * depth > LAYOUT_MAX_LENGTH) return text;
    const opensAfter = previous === "{" || previous === "[";
    if (token === "}" || token === "]") {
      depth--;
      out += opensAfter ? token : newLine() + token;
    } else {
      if (opensAfter || previous === ",") out += newLine();
      out += token === ":" ? ": " : token;
      if (token === "{" || token === "[") depth++;
    }
    previous = token;
  }
  return out;
}

/** The members of the outermost object, each value as it was written. Empty when the text is no object. */
export function topLevelMembers(text: string): { key: string; raw: string }[] {
  const members: { key: string; raw: string }[] = [];
  let depth = 0;
  let key: string | null = null;
  let start = 0;
  let expectsKey = false;
  const finish = (end: number) => {
    if (key !== null) members.push({ key, raw: text.slice(start, end).trim() });
    key = null;
  };
  for (const { token, at } of jsonTokens(text)) {
    if (depth === 0 && token !== "{") return [];
    if (depth === 1 && token === "}") finish(at);
    else if (depth === 1 && token === ",") finish(at);
    else if (depth === 1 && expectsKey) key = JSON.parse(token) as string;
    else if (depth === 1 && token === ":" && key !== null && start < at) start = at + 1;
    expectsKey = (depth === 0 && token === "{") || (depth === 1 && token === ",");
    if (expectsKey) start = at;
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
  }
  return members;
}
