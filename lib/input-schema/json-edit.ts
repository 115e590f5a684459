import { type Container, containerAt, entryIndex, rootSpan, spanAt } from "@/lib/input-schema/json-spans";
import { childPointer, pointerParts, toPointer } from "@/lib/input-schema/pointer";
import { formatJson } from "@/lib/requests/json-layout";

/**
 * A change to one place of a JSON text. Everything else stays as it is, byte for byte: unknown keys, the order of keys,
 * the spelling of numbers, blanks and line breaks. So a form never writes the text anew; it applies these.
 * @property path JSON pointer
 * @property json the new value, spelled as it is to stand there
 */
export type JsonEdit =
  /** Replace a value, or add the member; objects that are missing on the way are added too. */
  | { op: "set"; path: string; json: string }
  /** Put a new item into a list, before the one that has this place now, or at the end. */
  | { op: "insert"; path: string; json: string }
  | { op: "remove"; path: string }
  /** Give an item another place in its list; the ones between move up or down. */
  | { op: "move"; path: string; to: number }
  /** Give a member another key, at the same place. */
  | { op: "rename"; path: string; key: string };

export type Edited = { ok: true; text: string } | { ok: false; message: string };

const failed = (message: string): Edited => ({ ok: false, message });
const splice = (text: string, from: number, to: number, put: string): Edited => ({
  ok: true,
  text: text.slice(0, from) + put + text.slice(to),
});
const parentOf = (pointer: string) => pointer.slice(0, Math.max(0, pointer.lastIndexOf("/")));
const lastPart = (pointer: string) => pointerParts(pointer).at(-1) ?? "";

/** @param text a JSON text that JSON.parse accepts */
export function editJson(text: string, edit: JsonEdit): Edited {
  switch (edit.op) {
    case "set":
      return setValue(text, edit.path, edit.json);
    case "insert":
      return insertItem(text, edit.path, edit.json);
    case "remove":
      return removeEntry(text, edit.path);
    case "move":
      return moveItem(text, edit.path, edit.to);
    default:
      return renameKey(text, edit.path, edit.key);
  }
}

/** All of them or, when one cannot be applied, none. */
export function editJsonAll(text: string, edits: readonly JsonEdit[]): Edited {
  let now = text;
  for (const edit of edits) {
    const edited = editJson(now, edit);
    if (!edited.ok) return edited;
    now = edited.text;
  }
  return { ok: true, text: now };
}

function setValue(text: string, path: string, json: string): Edited {
  const span = path === "" ? rootSpan(text) : spanAt(text, path);
  if (span) return splice(text, span.start, span.end, laidOut(text, span.start, json));
  const parts = pointerParts(path);
  // The deepest object that is there takes the rest as one new member.
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const parent = spanAt(text, toPointer(parts.slice(0, depth)));
    if (!parent) continue;
    const container = containerAt(text, parent.start);
    if (!container) return failed(`${toPointer(parts.slice(0, depth)) || "The input"} is not an object.`);
    const missing = parts.slice(depth + 1);
    const value = missing.reduceRight((inner, key) => `{${JSON.stringify(key)}:${inner}}`, json);
    if (container.kind === "array")
      return Number(parts[depth]) === container.entries.length
        ? addEntry(text, container, container.entries.length, "", value)
        : failed(`${path} is beyond the end of its list.`);
    return addEntry(text, container, container.entries.length, `${JSON.stringify(parts[depth])}: `, value);
  }
  return failed(`${path} is not in the input.`);
}

function insertItem(text: string, path: string, json: string): Edited {
  const parent = spanAt(text, parentOf(path));
  const container = parent && containerAt(text, parent.start);
  if (container?.kind !== "array") return failed(`${parentOf(path)} is not a list.`);
  const index = Number(lastPart(path));
  if (!(index >= 0 && index <= container.entries.length))
    return failed(`${path} is beyond the end of its list.`);
  return addEntry(text, container, index, "", json);
}

/** Blanks at the beginning of the line on which a place stands. */
const indentAt = (text: string, at: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", at - 1) + 1, at))?.[0] ?? "";

/** A new value laid out as its surroundings are: in lines where they have lines, else on one. */
function laidOut(text: string, at: number, json: string): string {
  if (!/^\s*[{[]/.test(json) || !text.includes("\n")) return json;
  return formatJson(json).replaceAll("\n", `\n${indentAt(text, at)}`);
}

function addEntry(text: string, container: Container, index: number, key: string, json: string): Edited {
  const { entries, open, close } = container;
  const next = entries[index];
  const last = entries.at(-1);
  if (next) {
    const from = index === 0 ? open + 1 : entries[index - 1]!.end;
    const blanks = /\s*$/.exec(text.slice(from, next.keyStart))?.[0] ?? "";
    const gap = index === 0 && entries.length > 1 ? gapBetween(text, container) : blanks || " ";
    return splice(text, next.keyStart, next.keyStart, `${key}${laidOut(text, next.keyStart, json)},${gap}`);
  }
  if (last) {
    const gap =
      entries.length > 1
        ? gapBetween(text, container)
        : /^\s*/.exec(text.slice(open + 1, last.keyStart))![0] || " ";
    return splice(text, last.end, last.end, `,${gap}${key}${laidOut(text, last.keyStart, json)}`);
  }
  if (!text.includes("\n")) return splice(text, open + 1, close, `${key}${json}`);
  const outer = indentAt(text, open);
  const inside = `\n${outer}  `;
  const value = /^\s*[{[]/.test(json) ? formatJson(json).replaceAll("\n", inside) : json;
  return splice(text, open + 1, close, `${inside}${key}${value}\n${outer}`);
}

/** The blanks behind the last comma. */
function gapBetween(text: string, { entries }: Container): string {
  const before = text.slice(entries.at(-2)!.end, entries.at(-1)!.keyStart);
  return before.slice(before.indexOf(",") + 1);
}

function removeEntry(text: string, path: string): Edited {
  if (path === "") return failed("The input itself cannot be removed.");
  const parent = spanAt(text, parentOf(path));
  const container = parent && containerAt(text, parent.start);
  const index = container ? entryIndex(container, lastPart(path)) : -1;
  if (!container || index === -1) return failed(`${path} is not in the input.`);
  const { entries, open, close } = container;
  const entry = entries[index]!;
  const next = entries[index + 1];
  const previous = entries[index - 1];
  const edited = next
    ? splice(text, entry.keyStart, next.keyStart, "")
    : previous
      ? splice(text, previous.end, entry.end, "")
      : splice(text, open + 1, close, "");
  // A key that was written twice would show its earlier value now.
  return edited.ok && entry.key !== null && spanAt(edited.text, path)
    ? removeEntry(edited.text, path)
    : edited;
}

function moveItem(text: string, path: string, to: number): Edited {
  const parent = spanAt(text, parentOf(path));
  const container = parent && containerAt(text, parent.start);
  const from = container?.kind === "array" ? entryIndex(container, lastPart(path)) : -1;
  if (!container || from === -1) return failed(`${path} is not an item of a list.`);
  const { entries } = container;
  if (!(to >= 0 && to < entries.length))
    return failed(`${childPointer(parentOf(path), to)} is beyond the end of its list.`);
  // The places stay, with the blanks around them; only what stands in them changes.
  const items = entries.map((entry) => text.slice(entry.start, entry.end));
  items.splice(to, 0, ...items.splice(from, 1));
  let out = text.slice(0, entries[0]!.start);
  for (const [i, entry] of entries.entries()) {
    const after = entries[i + 1]?.start ?? entry.end;
    out += items[i]! + text.slice(entry.end, after);
  }
  return { ok: true, text: out + text.slice(entries.at(-1)!.end) };
}

function renameKey(text: string, path: string, key: string): Edited {
  const parent = spanAt(text, parentOf(path));
  const container = parent && containerAt(text, parent.start);
  const index = container?.kind === "object" ? entryIndex(container, lastPart(path)) : -1;
  if (!container || index === -1) return failed(`${path} is not in the input.`);
  const entry = container.entries[index]!;
  if (entry.key === key) return { ok: true, text };
  if (entryIndex(container, key) !== -1) return failed(`There is a field named ${key} already.`);
  return splice(text, entry.keyStart, entry.keyEnd, JSON.stringify(key));
}
