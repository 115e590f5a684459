import { pointerParts } from "@/lib/input-schema/pointer";

/** Where a value stands in JSON text. All functions here expect text that JSON.parse accepts. */
export type Span = { start: number; end: number };
/** A member of an object, or an item of an array, whose `keyStart` is its `start`. */
export type Entry = Span & { key: string | null; keyStart: number; keyEnd: number };
export type Container = { kind: "object" | "array"; open: number; close: number; entries: Entry[] };

const BLANK = /[ \t\n\r]*/y;
const SCALAR = /[^\s{}[\],:"]+/y;

export function skipBlanks(text: string, at: number): number {
  BLANK.lastIndex = at;
  BLANK.test(text);
  return BLANK.lastIndex;
}

function stringEnd(text: string, at: number): number {
  for (let i = text.indexOf('"', at + 1); i !== -1; i = text.indexOf('"', i + 1)) {
    let slashes = 0;
    while (text[i - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return i + 1;
  }
  return text.length;
}

/** The end of the value that begins at `at`. Counts brackets instead of descending: values nest as deep as they like. */
function valueEnd(text: string, at: number): number {
  if (text[at] === '"') return stringEnd(text, at);
  if (text[at] !== "{" && text[at] !== "[") {
    SCALAR.lastIndex = at;
    return SCALAR.test(text) ? SCALAR.lastIndex : at + 1;
  }
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const mark = text[i];
    if (mark === '"') i = stringEnd(text, i) - 1;
    else if (mark === "{" || mark === "[") depth++;
    else if ((mark === "}" || mark === "]") && --depth === 0) return i + 1;
  }
  return text.length;
}

export function rootSpan(text: string): Span {
  const start = skipBlanks(text, 0);
  return { start, end: valueEnd(text, start) };
}

/** The entries of the object or array at `start`; null for anything else. */
export function containerAt(text: string, start: number): Container | null {
  const kind = text[start] === "{" ? "object" : text[start] === "[" ? "array" : null;
  if (kind === null) return null;
  const close = kind === "object" ? "}" : "]";
  const entries: Entry[] = [];
  let at = skipBlanks(text, start + 1);
  while (at < text.length && text[at] !== close) {
    const keyStart = at;
    let keyEnd = at;
    let key: string | null = null;
    if (kind === "object") {
      keyEnd = stringEnd(text, at);
      key = JSON.parse(text.slice(at, keyEnd)) as string;
      at = skipBlanks(text, skipBlanks(text, keyEnd) + 1);
    }
    const end = valueEnd(text, at);
    entries.push({ key, keyStart, keyEnd, start: at, end });
    at = skipBlanks(text, end);
    if (text[at] === ",") at = skipBlanks(text, at + 1);
  }
  return { kind, open: start, close: at, entries };
}

/** The number of the entry with this key or index, or -1. Of a key that occurs twice the last counts, as in JSON.parse. */
export function entryIndex(container: Container, part: string): number {
  if (container.kind === "object") return container.entries.findLastIndex((entry) => entry.key === part);
  return /^(?:0|[1-9]\d*)$/.test(part) && Number(part) < container.entries.length ? Number(part) : -1;
}

export function spanAt(text: string, pointer: string): Span | null {
  let span = rootSpan(text);
  for (const part of pointerParts(pointer)) {
    const container = containerAt(text, span.start);
    const index = container ? entryIndex(container, part) : -1;
    if (!container || index === -1) return null;
    span = container.entries[index]!;
  }
  return { start: span.start, end: span.end };
}

/** A value as it is spelled: 1.0 stays 1.0, and an integer of 20 digits keeps all of them. Null where nothing is. */
export function spellingAt(text: string, pointer: string): string | null {
  const span = spanAt(text, pointer);
  return span ? text.slice(span.start, span.end) : null;
}
