import { refuse } from "@/lib/requests/imports-pasted";
import { commentEndAt, type Source } from "@/lib/requests/imports-source";
import { readString } from "@/lib/requests/imports-string";

/** A value as a program's text spells it. */
export type Literal =
  | { kind: "object"; members: [key: string, value: Literal][] }
  | { kind: "list"; items: Literal[] }
  /** @property unknown expressions inside a template that are not written out */
  | { kind: "string"; value: string; unknown: string[] }
  /** A number, a boolean or null, as JSON. A number keeps its spelling where JSON allows it. */
  | { kind: "scalar"; json: string }
  /** Something to be computed, which nobody here does. */
  | { kind: "unknown"; expression: string }
  /** JavaScript's undefined: a member that is not there. */
  | { kind: "absent" };

const MAX_DEPTH = 100;
const MAX_VALUES = 15_000;
/** Characters looked at, those that are looked at again counted again. */
const MAX_SCANNED = 4_000_000;
const NUMBER =
  /[+-]?[ \t]*(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)n?/y;
const NAME = /[\p{L}_$][\p{L}\p{N}_$]*(?:\.[\p{L}_$][\p{L}\p{N}_$]*)*/uy;
const WORDS: Record<Source["dialect"], Record<string, Literal>> = {
  python: {
    True: { kind: "scalar", json: "true" },
    False: { kind: "scalar", json: "false" },
    None: { kind: "scalar", json: "null" },
  },
  javascript: {
    true: { kind: "scalar", json: "true" },
    false: { kind: "scalar", json: "false" },
    null: { kind: "scalar", json: "null" },
    undefined: { kind: "absent" },
  },
};
const PRINTERS = ["json.dumps", "JSON.stringify", "orjson.dumps"];
const READERS = ["json.loads", "JSON.parse", "orjson.loads"];

/** JSON's spelling of a number, or null for what is none (007). */
function numberJson(spelling: string): string | null {
  const bare = spelling.replace(/[_ \tn]|^\+/g, (mark) =>
    mark === "n" && !spelling.endsWith("n") ? mark : "",
  );
  const [, sign = "", digits = ""] = /^(-?)(.*)$/.exec(bare) ?? [];
  if (/^0[xXoObB]/.test(digits)) return sign + BigInt(digits).toString();
  const json = digits.replace(/^\./, "0.").replace(/\.(?=$|[eE])/, ".0");
  return /^(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(json) ? sign + json : null;
}

/**
 * Reads values out of program text. Names that the text assigns are followed; everything else that would have to be
 * computed becomes `unknown`. Bounded in depth and in values, so a text that refers to itself or grows without end is refused.
 */
export function createLiteralReader({ text, code, dialect, names }: Source) {
  let values = 0;
  let scanned = 0;
  const following = new Set<string>();
  const spend = (characters: number) => {
    scanned += characters;
    if (scanned > MAX_SCANNED) refuse("This program is too tangled to read a request out of it.");
  };

  function skip(from: number): number {
    for (let at = from; ; ) {
      while (/\s/.test(text[at] ?? "") || (text[at] === "\\" && text[at + 1] === "\n")) at++;
      const end = commentEndAt(text, at, dialect);
      if (end === at) return at;
      at = end;
    }
  }

  /** The end of the expression that begins at `at`: the comma, bracket or statement end after it. */
  function expressionEnd(at: number): number {
    let open = 0;
    let i = at;
    for (; i < code.length; i++) {
      const mark = code[i]!;
      if (mark === "(" || mark === "[" || mark === "{") open++;
      else if (mark === ")" || mark === "]" || mark === "}") {
        if (open-- === 0) break;
      } else if (open === 0 && (mark === "," || mark === ";" || (mark === "\n" && isStatementEnd(i)))) break;
    }
    spend(i - at);
    return i;
  }
  const isStatementEnd = (at: number) => !/^\s*[.?+*/)\]},:|&-]/.test(code.slice(at, at + 40)) && depthIsZero;
  /** Only outside of brackets does a line end a value. */
  let depthIsZero = true;

  function unknown(at: number): { value: Literal; end: number } {
    const end = expressionEnd(at);
    const expression = text
      .slice(at, Math.min(end, at + 60))
      .replace(/\s+/g, " ")
      .trim();
    return { value: { kind: "unknown", expression: end - at > 60 ? `${expression}…` : expression }, end };
  }

  function follow(name: string, depth: number): Literal | null {
    const place = names.get(name);
    if (place === undefined || following.has(name)) return null;
    following.add(name);
    const outer = depthIsZero;
    depthIsZero = true;
    const { value } = read(place, depth + 1);
    depthIsZero = outer;
    following.delete(name);
    return value.kind === "unknown" ? null : value;
  }

  function stringAt(at: number, depth: number): { value: Literal; end: number } | null {
    let end = at;
    let value = "";
    let found = false;
    const missing: string[] = [];
    for (;;) {
      const next = readString(text, found ? skip(end) : end, dialect);
      if (!next) break;
      found = true;
      for (const piece of next.pieces) {
        if ("text" in piece) value += piece.text;
        else {
          const known = /^[\w$]+$/.test(piece.expression) ? follow(piece.expression, depth) : null;
          if (known?.kind === "string" && known.unknown.length === 0) value += known.value;
          else if (known?.kind === "scalar") value += known.json;
          else {
            missing.push(piece.expression);
            value += `{${piece.expression}}`;
          }
        }
        if (value.length > 4_000_000) refuse("A text in this paste is too long to put together.");
      }
      spend(next.end - end + value.length);
      end = next.end;
      if (dialect === "javascript") break; // only Python joins strings that stand side by side
    }
    return found ? { value: { kind: "string", value, unknown: missing }, end } : null;
  }

  function listAt(
    at: number,
    close: string,
    depth: number,
  ): { value: Literal; end: number; hasComma: boolean } {
    const items: Literal[] = [];
    let hasComma = false;
    let i = skip(at + 1);
    while (text[i] !== close) {
      const item = read(i, depth + 1);
      items.push(item.value);
      i = skip(item.end);
      if (text[i] === ",") {
        hasComma = true;
        i = skip(i + 1);
      } else if (text[i] !== close) return { ...unknown(at), hasComma };
    }
    return { value: { kind: "list", items }, end: i + 1, hasComma };
  }

  function objectAt(at: number, depth: number): { value: Literal; end: number } {
    const members: [string, Literal][] = [];
    let i = skip(at + 1);
    while (text[i] !== "}") {
      if (text.startsWith(dialect === "python" ? "**" : "...", i)) {
        const spread = read(skip(i + (dialect === "python" ? 2 : 3)), depth + 1);
        if (spread.value.kind === "object") members.push(...spread.value.members);
        else
          members.push([
            `…${spread.value.kind === "unknown" ? spread.value.expression : ""}`,
            { kind: "unknown", expression: "" },
          ]);
        i = spread.end;
      } else {
        NAME.lastIndex = i;
        NUMBER.lastIndex = i;
        const quoted = stringAt(i, depth);
        const bare =
          dialect === "javascript" && !quoted ? (NAME.exec(text)?.[0] ?? NUMBER.exec(text)?.[0]) : undefined;
        const key =
          quoted?.value.kind === "string" && quoted.value.unknown.length === 0 ? quoted.value.value : bare;
        if (key === undefined) return unknown(at);
        const after = skip(quoted ? quoted.end : i + key.length);
        if (text[after] === ":") {
          const member = read(skip(after + 1), depth + 1);
          members.push([key, member.value]);
          i = member.end;
        } else if (bare && (text[after] === "," || text[after] === "}")) {
          members.push([key, follow(key, depth) ?? { kind: "unknown", expression: key }]);
          i = after;
        } else return unknown(at);
      }
      i = skip(i);
      if (text[i] === ",") i = skip(i + 1);
      else if (text[i] !== "}") return unknown(at);
    }
    return { value: { kind: "object", members }, end: i + 1 };
  }

  /** `dict(a=1)`, `json.dumps(x)`, `JSON.parse("…")`, and names. */
  function nameAt(at: number, depth: number): { value: Literal; end: number } | null {
    NAME.lastIndex = at;
    // A method that only changes the form of the value is left to the tail.
    const name = NAME.exec(text)?.[0].replace(/\.(?:encode|strip|trim)$/, "");
    if (name === undefined) return null;
    const word = WORDS[dialect][name];
    if (word) return { value: word, end: at + name.length };
    const open = skip(at + name.length);
    if (text[open] !== "(") {
      const value = follow(name, depth);
      return value ? { value, end: at + name.length } : unknown(at);
    }
    const call = callAt(open, depth);
    if (!call) return unknown(at);
    const [first] = call.positional;
    if (name === "dict" && call.positional.length === 0)
      return { value: { kind: "object", members: [...call.keywords] }, end: call.end };
    if (PRINTERS.includes(name) && first) {
      const missing: string[] = [];
      const value = first.kind === "unknown" ? null : literalJson(first, missing);
      if (value !== null) return { value: { kind: "string", value, unknown: missing }, end: call.end };
    }
    if (READERS.includes(name) && first?.kind === "string")
      return { value: { kind: "scalar", json: first.value }, end: call.end };
    return unknown(at);
  }

  /** The arguments of a call whose bracket opens at `open`. */
  function callAt(
    open: number,
    depth = 0,
  ): { positional: Literal[]; keywords: Map<string, Literal>; end: number } | null {
    const outer = depthIsZero;
    depthIsZero = false;
    const positional: Literal[] = [];
    const keywords = new Map<string, Literal>();
    let i = skip(open + 1);
    while (i < text.length && text[i] !== ")") {
      const keyword = dialect === "python" ? /^([A-Za-z_]\w*)\s*=(?!=)/.exec(code.slice(i, i + 80)) : null;
      const argument = read(skip(i + (keyword?.[0].length ?? 0)), depth + 1);
      if (keyword) keywords.set(keyword[1]!, argument.value);
      else positional.push(argument.value);
      i = skip(argument.end);
      if (text[i] === ",") i = skip(i + 1);
      else break;
    }
    depthIsZero = outer;
    return text[i] === ")" ? { positional, keywords, end: i + 1 } : null;
  }

  function primary(at: number, depth: number): { value: Literal; end: number } {
    const mark = text[at];
    if (mark === "{") return objectAt(at, depth);
    if (mark === "[") return listAt(at, "]", depth);
    if (mark === "(") {
      const list = listAt(at, ")", depth);
      const isValue = list.value.kind === "list" && list.value.items.length === 1 && !list.hasComma;
      return isValue && list.value.kind === "list" ? { value: list.value.items[0]!, end: list.end } : list;
    }
    const string = stringAt(at, depth);
    if (string) return string;
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(text)?.[0];
    const json = number ? numberJson(number) : null;
    if (json !== null) return { value: { kind: "scalar", json }, end: at + number!.length };
    return nameAt(at, depth) ?? unknown(at);
  }

  /** One value from `at` on. */
  function read(at: number, depth = 0): { value: Literal; end: number } {
    if (depth > MAX_DEPTH)
      refuse(`This is nested more than ${MAX_DEPTH} levels deep; that is too much to take apart.`);
    if (++values > MAX_VALUES)
      refuse(
        `This holds more than ${MAX_VALUES.toLocaleString("en")} values; that is too much to take apart.`,
      );
    const outer = depthIsZero;
    depthIsZero = false;
    const found = primary(at, depth);
    depthIsZero = outer;
    if (found.value.kind === "unknown") return found;
    // What only changes the form of the value: .encode(), "as const", "satisfies X".
    const tail =
      /^(?:\s*\.(?:encode|strip|trim)\([^()]{0,40}\)|\s+as const|\s+(?:as|satisfies) [\w.<>[\]]{1,60})*/.exec(
        text.slice(found.end, found.end + 300),
      );
    const end = found.end + (tail?.[0].length ?? 0);
    const next = text[skip(end)];
    if (
      next === undefined ||
      /[,)\]}:;]/.test(next) ||
      (depthIsZero && /^[ \t]*(?:\n|\r|#|\/\/|$)/.test(text.slice(end, end + 80)))
    )
      return { value: found.value, end };
    return unknown(at);
  }

  return { read, callAt, skip };
}

/** JSON text of a value. What is unknown becomes a text that names it, and is listed in `unknown`. */
export function literalJson(literal: Literal, unknown: string[]): string {
  if (literal.kind === "scalar") return literal.json;
  if (literal.kind === "absent") return "null";
  if (literal.kind === "list")
    return `[${literal.items.map((item) => literalJson(item, unknown)).join(",")}]`;
  if (literal.kind === "string") {
    unknown.push(...literal.unknown);
    return JSON.stringify(literal.value);
  }
  if (literal.kind === "unknown") {
    unknown.push(literal.expression);
    return JSON.stringify(`<${literal.expression}>`);
  }
  const members = new Map<string, string>();
  for (const [key, value] of literal.members) {
    if (key.startsWith("…") && value.kind === "unknown") unknown.push(key);
    else if (value.kind !== "absent") members.set(key, literalJson(value, unknown));
  }
  return `{${[...members].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
}
