import { containerAt, rootSpan, type Span } from "@/lib/input-schema/json-spans";

/** What was seen at one place over all samples. */
export type Seen = {
  nulls: number;
  booleans: number;
  /** Numbers as they were spelled: 1.0 tells of fractions where 1 does not. */
  numbers: { value: number; isWhole: boolean }[];
  texts: { value: string; length: number }[];
  lists: { lengths: number[]; item: Seen | null };
  objects: { count: number; members: Map<string, Seen> };
  /** Too deep or too many to be looked at further. */
  isCut: boolean;
};

const MAX_DEPTH = 16;
const MAX_PLACES = 20_000;
const MAX_ITEMS = 200;
/** Of a longer text only the beginning is kept: what it is shows there. */
const KEPT_TEXT = 4_000;

const nothingSeen = (): Seen => ({
  nulls: 0,
  booleans: 0,
  numbers: [],
  texts: [],
  lists: { lengths: [], item: null },
  objects: { count: 0, members: new Map() },
  isCut: false,
});

/** Look at samples of the same thing. @param texts JSON texts that JSON.parse accepts */
export function lookAtSamples(texts: readonly string[]): Seen {
  const seen = nothingSeen();
  const room = { left: MAX_PLACES };
  for (const text of texts) look(seen, text, rootSpan(text), 0, room);
  return seen;
}

function look(seen: Seen, text: string, span: Span, depth: number, room: { left: number }): void {
  if (--room.left < 0 || depth > MAX_DEPTH) {
    seen.isCut = true;
    return;
  }
  const mark = text[span.start];
  if (mark === "{" || mark === "[") {
    lookInside(seen, text, span, depth, room);
    return;
  }
  const spelled = text.slice(span.start, span.end);
  if (mark === '"') {
    const length = spelled.length - 2;
    // A cut inside of an escape would be no JSON; texts that long hold base64 as a rule, which has none.
    const start =
      length > KEPT_TEXT ? `${spelled.slice(0, KEPT_TEXT).replace(/\\[^\\]{0,5}$|\\+$/, "")}"` : spelled;
    seen.texts.push({ value: JSON.parse(start) as string, length });
  } else if (spelled === "null") seen.nulls++;
  else if (spelled === "true" || spelled === "false") seen.booleans++;
  else seen.numbers.push({ value: Number(spelled), isWhole: /^-?\d+$/.test(spelled) });
}

function lookInside(seen: Seen, text: string, span: Span, depth: number, room: { left: number }): void {
  const container = containerAt(text, span.start);
  if (!container) return;
  if (container.kind === "array") {
    seen.lists.lengths.push(container.entries.length);
    if (container.entries.length > 0) seen.lists.item ??= nothingSeen();
    const { item } = seen.lists;
    for (const [i, entry] of container.entries.entries()) {
      if (i >= MAX_ITEMS && item) item.isCut = true;
      else if (item) look(item, text, entry, depth + 1, room);
    }
    return;
  }
  seen.objects.count++;
  // Of a key that is written twice the last counts.
  for (const entry of new Map(container.entries.map((one) => [one.key!, one])).values()) {
    const member = seen.objects.members.get(entry.key!) ?? nothingSeen();
    seen.objects.members.set(entry.key!, member);
    look(member, text, entry, depth + 1, room);
  }
}

export const timesSeen = (seen: Seen): number =>
  seen.nulls +
  seen.booleans +
  seen.numbers.length +
  seen.texts.length +
  seen.lists.lengths.length +
  seen.objects.count;
