import { typeOf } from "@/lib/input-schema/json-value";

/** What is wrong with one part of a value. */
export type Issue = {
  /** JSON pointer of the field that must change. For a missing or surplus member: of that member. */
  path: string;
  /** The keyword of the schema that is not met. */
  keyword: string;
  /** The field's name for people: its title, else its key. */
  label: string;
  /** What must be, and what is: "must be at least 1, is 0". To stand beside the field, or behind its label. */
  message: string;
};

/** "Steps must be at least 1, is 0." For lists of errors away from their fields. */
export const issueSentence = ({ label, message }: Issue): string => `${label} ${message}.`;

const MAX_SHOWN = 40;

/** A value as JSON, short enough for a sentence. */
export function show(value: unknown): string {
  const type = typeOf(value);
  if (type === "array") return `a list of ${(value as unknown[]).length}`;
  if (type === "object") return "an object";
  const text =
    type === "string" ? JSON.stringify((value as string).slice(0, MAX_SHOWN + 1)) : String(value ?? "null");
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

const TYPE_WORDS: Record<string, string> = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "empty (null)",
};

export const typeWords = (types: readonly string[]): string =>
  listWords(types.map((type) => TYPE_WORDS[type] ?? type));

/** "a", "a or b", "a, b or c"; the rest of a long list is counted. */
export function listWords(words: readonly string[], max = 8): string {
  if (words.length > max)
    return `${words.slice(0, max).join(", ")} or ${words.length - max} other${words.length - max === 1 ? "" : "s"}`;
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
