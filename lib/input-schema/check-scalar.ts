import { isMultiple } from "@/lib/input-schema/decimal";
import { formatFault } from "@/lib/input-schema/formats";
import { count, listWords, show, typeWords } from "@/lib/input-schema/issue";
import { typeOf } from "@/lib/input-schema/json-value";
import { add, type Call, canonicalPaid } from "@/lib/input-schema/run";
import { spend, WorkSpent } from "@/lib/input-schema/work";

const isTypeOf = (type: unknown, value: unknown): boolean =>
  type === typeOf(value) || (type === "integer" && typeof value === "number" && Number.isInteger(value));

export function checkType(call: Call): void {
  const { schema, value } = call;
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter(
    (type): type is string => typeof type === "string",
  );
  if (types.length === 0 || types.some((type) => isTypeOf(type, value))) return;
  const isObvious = typeof value === "object" && value !== null;
  add(
    call,
    "type",
    `must be ${typeWords(types)}, is ${isObvious ? typeWords([typeOf(value)]) : show(value)}`,
  );
}

/** The canonical texts of an enum's values. Long lists are asked many times. */
const enumTexts = new WeakMap<object, Set<string>>();

export function checkEnum(call: Call): void {
  const { schema, value, run } = call;
  if ("const" in schema && Object.hasOwn(schema, "const")) {
    if (canonicalPaid(run, value) !== canonicalPaid(run, schema.const))
      add(call, "const", `must be ${show(schema.const)}, is ${show(value)}`);
  }
  const list = schema.enum;
  if (!Array.isArray(list)) return;
  let texts = enumTexts.get(list);
  if (!texts) {
    texts = new Set(list.map((item) => canonicalPaid(run, item)));
    enumTexts.set(list, texts);
  }
  if (!texts.has(canonicalPaid(run, value)))
    add(
      call,
      "enum",
      `must be ${list.length === 1 ? "" : "one of "}${listWords(list.map(show))}, is ${show(value)}`,
    );
}

const BOUNDS: [keyword: string, words: string, holds: (value: number, bound: number) => boolean][] = [
  ["minimum", "at least", (value, bound) => value >= bound],
  ["maximum", "at most", (value, bound) => value <= bound],
  ["exclusiveMinimum", "more than", (value, bound) => value > bound],
  ["exclusiveMaximum", "less than", (value, bound) => value < bound],
];

export function checkNumber(call: Call): void {
  const { schema, value } = call;
  if (typeof value !== "number") return;
  for (const [keyword, words, holds] of BOUNDS) {
    const bound = schema[keyword];
    if (typeof bound === "number" && !holds(value, bound))
      add(call, keyword, `must be ${words} ${bound}, is ${show(value)}`);
  }
  const step = schema.multipleOf;
  if (typeof step === "number" && step > 0 && !isMultiple(value, step))
    add(call, "multipleOf", `must be a multiple of ${step}, is ${show(value)}`);
}

function lengthOf(call: Call, text: string): number {
  spend(call.run.work, text.length >> 6);
  let length = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length--;
      i++;
    }
  }
  return length;
}

export function checkText(call: Call): void {
  const { schema, value, run } = call;
  if (typeof value !== "string") return;
  const { minLength, maxLength, pattern, format } = schema;
  if (typeof minLength === "number" && (value.length < minLength || value.length < 2 * minLength)) {
    const length = lengthOf(call, value);
    if (length < minLength)
      add(
        call,
        "minLength",
        length === 0
          ? "must not be empty"
          : `must have at least ${count(minLength, "character")}, has ${length}`,
      );
  }
  if (typeof maxLength === "number" && value.length > maxLength) {
    const length = lengthOf(call, value);
    if (length > maxLength)
      add(call, "maxLength", `must have at most ${count(maxLength, "character")}, has ${length}`);
  }
  if (typeof pattern === "string" && fitsPattern(call, pattern, value) === false)
    add(
      call,
      "pattern",
      `must match the pattern ${pattern.length > 80 ? `${pattern.slice(0, 79)}…` : pattern}`,
    );
  if (typeof format === "string" && run.checksFormats) {
    const expected = formatFault(format, value);
    if (expected) add(call, "format", `must be ${expected}`);
  }
}

/** What one pattern may cost on one text; the rest of the work is for the other fields. */
const PATTERN_WORK = 200_000;

/** @returns null when nobody can tell in bounded time, which is noted */
export function fitsPattern(call: Call, source: string, text: string): boolean | null {
  const pattern = call.run.open.pattern(source);
  if (!pattern) return null;
  const work = { left: Math.min(PATTERN_WORK, call.run.work.left) };
  const given = work.left;
  try {
    return pattern.occursIn(text, work);
  } catch (error) {
    if (!(error instanceof WorkSpent)) throw error;
    call.run.unchecked.add(`${call.at.label} is too long to be checked against its pattern.`);
    return null;
  } finally {
    call.run.work.left -= given - Math.max(0, work.left);
  }
}
