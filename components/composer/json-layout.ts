/**
 * Layout of JSON text without touching what it says: numbers keep their spelling, keys their order and their
 * repetitions. Both functions expect text that JSON.parse accepts.
 */

/** Strings (group 1), blanks outside strings (group 2), single marks and runs of anything else. */
const TOKENS = /("(?:[^"\\]|\\.)*")|(\s+)|[{}[\],:]|[^\s{}[\],:"]+/g;

function* tokens(text: string): Generator<{ token: string; at: number }> {
  for (const match of text.matchAll(TOKENS))
    if (match[2] === undefined) yield { token: match[0], at: match.index };
}

/** One member per line, two blanks per level; empty objects and arrays stay on their line. */
export function formatJson(text: string): string {
  let out = "";
  let depth = 0;
  let previous = "";
  const newLine = () => `\n${"  ".repeat(depth)}`;
  for (const { token } of tokens(text)) {
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
  for (const { token, at } of tokens(text)) {
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
