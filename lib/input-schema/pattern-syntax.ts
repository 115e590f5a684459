/** A pattern taken apart. Code points, not UTF-16 units, as JSON Schema asks for. */
export type PatternNode =
  | { kind: "set"; has: (codePoint: number) => boolean }
  | { kind: "sequence"; nodes: PatternNode[] }
  | { kind: "choice"; nodes: PatternNode[] }
  | { kind: "repeat"; node: PatternNode; min: number; max: number }
  | { kind: "place"; place: "start" | "end" | "edge" | "no edge" }
  | { kind: "ahead"; node: PatternNode; isNegated: boolean };

/** Its message completes "the pattern …". */
export class PatternFault extends Error {}
const fault = (message: string): never => {
  throw new PatternFault(message);
};

const MAX_LENGTH = 4_000;
const MAX_NESTING = 60;
const DIGIT = (c: number) => c >= 48 && c <= 57;
export const isWordCharacter = (c: number): boolean =>
  DIGIT(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const isSpace = (c: number) => /\s/.test(String.fromCodePoint(c));
const isLineEnd = (c: number) => c === 10 || c === 13 || c === 0x2028 || c === 0x2029;
const SETS: Record<string, (c: number) => boolean> = {
  d: DIGIT,
  D: (c) => !DIGIT(c),
  w: isWordCharacter,
  W: (c) => !isWordCharacter(c),
  s: isSpace,
  S: (c) => !isSpace(c),
};
const CONTROLS: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, "0": 0 };
const only = (codePoint: number) => (c: number) => c === codePoint;

/** Unicode properties are the engine's: one character against one property takes no time that could grow. */
function property(name: string, isNegated: boolean): (c: number) => boolean {
  if (!/^[\w=]{1,60}$/.test(name)) fault("names an unknown kind of character");
  try {
    const one = new RegExp(`^\\p{${name}}$`, "u");
    return (c) => one.test(String.fromCodePoint(c)) !== isNegated;
  } catch {
    return fault("names an unknown kind of character");
  }
}

/**
 * Read an ECMAScript regular expression (the dialect that JSON Schema asks for, without flags).
 * @throws PatternFault for what is none, and for lookbehinds and back references, which no linear matcher has
 */
export function parsePattern(source: string): PatternNode {
  const chars = Array.from(source, (char) => char.codePointAt(0)!);
  if (chars.length > MAX_LENGTH) fault(`is longer than ${MAX_LENGTH} characters`);
  let at = 0;
  let depth = 0;
  const char = (offset = 0) => (at + offset < chars.length ? String.fromCodePoint(chars[at + offset]!) : "");
  const take = (text: string) => {
    for (let i = 0; i < text.length; i++) if (char(i) !== text[i]) return false;
    at += text.length;
    return true;
  };
  const takeMatch = (pattern: RegExp, max: number): string | null => {
    const found = pattern.exec(String.fromCodePoint(...chars.slice(at, at + max)));
    if (found) at += Array.from(found[0]).length;
    return found ? found[0] : null;
  };

  function choice(): PatternNode {
    if (++depth > MAX_NESTING) fault("is nested too deeply");
    const nodes = [sequence()];
    while (take("|")) nodes.push(sequence());
    depth--;
    return nodes.length === 1 ? nodes[0]! : { kind: "choice", nodes };
  }

  function sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    while (at < chars.length && char() !== "|" && char() !== ")") nodes.push(quantified());
    return { kind: "sequence", nodes };
  }

  function quantified(): PatternNode {
    const node = atom();
    const bounds = quantifier();
    if (!bounds) return node;
    take("?"); // a lazy repetition finds a match exactly when an eager one does
    if (quantifier()) fault("repeats a repetition");
    return { kind: "repeat", node, min: bounds[0], max: bounds[1] };
  }

  function quantifier(): [min: number, max: number] | null {
    if (take("*")) return [0, Number.POSITIVE_INFINITY];
    if (take("+")) return [1, Number.POSITIVE_INFINITY];
    if (take("?")) return [0, 1];
    const braces = char() === "{" ? takeMatch(/^\{\d{1,7}(?:,\d{0,7})?\}/, 20) : null;
    if (braces === null) return null;
    const [min, max] = braces.slice(1, -1).split(",");
    const bounds: [number, number] = [
      Number(min),
      max === undefined ? Number(min) : max === "" ? Number.POSITIVE_INFINITY : Number(max),
    ];
    if (bounds[0] > bounds[1]) fault("has a repetition whose bounds are the wrong way round");
    return bounds;
  }

  function group(): PatternNode {
    let ahead: boolean | null = null;
    if (take("?=")) ahead = false;
    else if (take("?!")) ahead = true;
    else if (take("?<=") || take("?<!"))
      fault("looks behind itself, which cannot be checked in bounded time");
    else if (char() === "?" && !take("?:") && takeMatch(/^\?<[\p{L}_$][\p{L}\p{N}_$]*>/u, 80) === null)
      fault("has a group of a kind that JavaScript does not know");
    const node = choice();
    if (!take(")")) fault("has a bracket that is not closed");
    return ahead === null ? node : { kind: "ahead", node, isNegated: ahead };
  }

  function atom(): PatternNode {
    const mark = char();
    const code = chars[at]!;
    at++;
    if (mark === "(") return group();
    if (mark === "[") return { kind: "set", has: characterClass() };
    if (mark === ".") return { kind: "set", has: (c) => !isLineEnd(c) };
    if (mark === "^") return { kind: "place", place: "start" };
    if (mark === "$") return { kind: "place", place: "end" };
    if (mark === "*" || mark === "+" || mark === "?") fault("repeats nothing");
    if (mark !== "\\") return { kind: "set", has: only(code) };
    if (take("b")) return { kind: "place", place: "edge" };
    if (take("B")) return { kind: "place", place: "no edge" };
    if (/[1-9]/.test(char()) || char() === "k")
      fault("refers back to what it matched, which cannot be checked in bounded time");
    const read = escaped();
    return { kind: "set", has: typeof read === "number" ? only(read) : read };
  }

  /** What follows a backslash: a character, or a set of them. */
  function escaped(): number | ((c: number) => boolean) {
    const mark = char();
    const code = chars[at];
    if (code === undefined) return fault("ends in a backslash");
    at++;
    if (SETS[mark]) return SETS[mark];
    if (CONTROLS[mark] !== undefined) return CONTROLS[mark];
    if (mark === "p" || mark === "P") {
      const name = takeMatch(/^\{[^}]*\}/, 80) ?? fault("names no kind of character");
      return property(name.slice(1, -1), mark === "P");
    }
    if (mark === "c" && /[A-Za-z]/.test(char())) return chars[at++]! % 32;
    const hex =
      mark === "x"
        ? takeMatch(/^[\da-fA-F]{2}/, 2)
        : mark === "u"
          ? takeMatch(/^(?:[\da-fA-F]{4}|\{[\da-fA-F]{1,6}\})/, 8)
          : null;
    if (hex !== null) {
      const value = Number.parseInt(hex.replace(/[{}]/g, ""), 16);
      const low = value >= 0xd800 && value < 0xdc00 ? takeMatch(/^\\u[dD][c-fC-F][\da-fA-F]{2}/, 6) : null;
      if (low !== null) return (value - 0xd800) * 1024 + Number.parseInt(low.slice(2), 16) - 0xdc00 + 0x10000;
      return value <= 0x10ffff ? value : fault("names a character that does not exist");
    }
    if (/[A-Za-z0-9]/.test(mark)) fault(`has \\${mark}, which JavaScript does not know`);
    return code;
  }

  function characterClass(): (c: number) => boolean {
    const isNegated = take("^");
    const ranges: [from: number, to: number][] = [];
    const sets: ((c: number) => boolean)[] = [];
    const one = () => {
      if (at >= chars.length) fault("has a bracket that is not closed");
      if (!take("\\")) return chars[at++]!;
      if (take("b")) return 8;
      return escaped();
    };
    while (!take("]")) {
      const from = one();
      const isRange = char() === "-" && char(1) !== "]" && at + 1 < chars.length;
      if (typeof from !== "number") {
        sets.push(from);
        continue;
      }
      if (!isRange) {
        ranges.push([from, from]);
        continue;
      }
      at++;
      const to = one();
      if (typeof to !== "number") {
        ranges.push([from, from], [45, 45]);
        sets.push(to);
      } else if (to < from) fault("has a range of characters that is the wrong way round");
      else ranges.push([from, to]);
    }
    return (c) =>
      (ranges.some(([from, to]) => c >= from && c <= to) || sets.some((has) => has(c))) !== isNegated;
  }

  const node = choice();
  if (at < chars.length) fault("closes a bracket that is not open");
  return node;
}
