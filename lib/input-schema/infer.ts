import { hasFormat } from "@/lib/input-schema/formats";
import { type Imported, isSecretName } from "@/lib/input-schema/imported";
import { type JsonObject, setMember } from "@/lib/input-schema/json-value";
import { lookAtSamples, type Seen, timesSeen } from "@/lib/input-schema/samples";

/** Below that many values, bounds and choices would be made of chance. */
const MIN_FOR_BOUNDS = 5;
const MIN_FOR_CHOICES = 6;
const MAX_CHOICES = 12;
const MAX_SAMPLES = 500;

type Guesses = { bounds: string[]; choices: string[]; isCut: boolean };

/**
 * The schema of inputs that were sent before, or of one that was pasted. Every sample fits it. Guessed bounds and choices
 * are named in the notices, because the next input may lie outside of them.
 * @param texts JSON texts, each an input; what is no JSON object is left aside
 */
export function inferSchema(texts: readonly string[]): Imported {
  const samples = texts.filter(isObjectText).slice(-MAX_SAMPLES);
  const seen = lookAtSamples(samples);
  const guesses: Guesses = { bounds: [], choices: [], isCut: false };
  const schema: JsonObject = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...(samples.length === 0 ? { type: "object" } : schemaOf(seen, "", guesses)),
  };
  return { schema, notices: noticesOf(texts.length - samples.length, samples.length, guesses) };
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const named = (names: readonly string[]) =>
  names.length > 8 ? `${names.slice(0, 8).join(", ")} and ${names.length - 8} more` : names.join(", ");

function noticesOf(skipped: number, used: number, guesses: Guesses): string[] {
  const notices: string[] = [];
  if (used === 0) notices.push("There was no sample to learn from: each must be a JSON object.");
  else if (skipped > 0)
    notices.push(
      `${skipped} of ${skipped + used} samples are left aside: no JSON object, or beyond the newest ${MAX_SAMPLES}.`,
    );
  if (used === 1)
    notices.push(
      "One sample cannot tell what may be left out, so no field is required. Mark those that are.",
    );
  if (guesses.bounds.length > 0)
    notices.push(
      `Bounds are guessed from the values seen: ${named(guesses.bounds)}. Widen them where needed.`,
    );
  if (guesses.choices.length > 0)
    notices.push(
      `Choices are guessed from values that repeat: ${named(guesses.choices)}. Add what is missing.`,
    );
  if (guesses.isCut) notices.push("The samples are large; only a part of them was looked at.");
  return notices;
}

function schemaOf(seen: Seen, path: string, guesses: Guesses): JsonObject {
  if (seen.isCut) guesses.isCut = true;
  const schema: JsonObject = {};
  const types: string[] = [];
  if (seen.texts.length > 0) types.push("string");
  if (seen.numbers.length > 0)
    types.push(seen.numbers.every(({ isWhole }) => isWhole) ? "integer" : "number");
  if (seen.booleans > 0) types.push("boolean");
  if (seen.lists.lengths.length > 0) types.push("array");
  if (seen.objects.count > 0) types.push("object");
  if (seen.nulls > 0 && types.length > 0) types.push("null");
  // Only null, or cut before anything was seen: nobody knows what else may come.
  if (types.length === 0 || (seen.isCut && timesSeen(seen) === 0)) return schema;
  schema.type = types.length === 1 ? types[0] : types;
  const key = path.slice(path.lastIndexOf(".") + 1).replace(/\[\]$/, "");
  const isAlone = types.filter((type) => type !== "null").length === 1;
  // Items that were not looked at may be anything.
  if (seen.isCut) delete schema.type;
  if (seen.texts.length > 0) describeTexts(schema, seen, key, path, isAlone && !seen.isCut, guesses);
  if (seen.numbers.length > 0) describeNumbers(schema, seen, path, isAlone && !seen.isCut, guesses);
  if (seen.lists.item) schema.items = schemaOf(seen.lists.item, `${path}[]`, guesses);
  if (seen.objects.count > 0) describeMembers(schema, seen, path, guesses);
  return schema;
}

const FORMATS = ["uuid", "date-time", "date", "ipv4", "email"];
const LONG = 100;
const BASE64_MEDIA: [start: string, media: string][] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["SUQz", "audio/mpeg"],
  ["T2dnUw", "audio/ogg"],
  ["JVBERi0", "application/pdf"],
];

function describeTexts(
  schema: JsonObject,
  seen: Seen,
  key: string,
  path: string,
  isAlone: boolean,
  guesses: Guesses,
) {
  const { texts } = seen;
  const values = texts.map(({ value }) => value);
  const all = (test: (text: string) => boolean) => values.every(test);
  if (isSecretName(key)) {
    schema.writeOnly = true;
    return;
  }
  const distinct = [...new Set(values)];
  const format = seen.isCut ? undefined : FORMATS.find((name) => all((text) => hasFormat(name, text)));
  const first = texts[0]!;
  if (all((text) => /^data:[\w.+-]+\/[\w.+-]+[;,]/.test(text))) schema.format = "data-url";
  else if (format) schema.format = format;
  else if (!seen.isCut && all((text) => /^(?:https?|s3|gs):\/\//.test(text) && hasFormat("uri", text)))
    schema.format = "uri";
  else if (texts.every(({ value, length }) => length >= 200 && /^[A-Za-z\d+/]+={0,2}$/.test(value))) {
    schema.contentEncoding = "base64";
    const media = BASE64_MEDIA.find(([start]) => all((text) => text.startsWith(start)));
    if (media) schema.contentMediaType = media[1];
    return;
  } else if (
    isAlone &&
    areChoices(distinct, texts.length) &&
    all((text) => text.length <= 60 && !text.includes("\n"))
  ) {
    schema.enum = seen.nulls > 0 ? [...distinct, null] : distinct;
    guesses.choices.push(path);
    return;
  } else if (texts.some(({ value, length }) => length > LONG || value.includes("\n")))
    schema["x-widget"] = "textarea";
  if (first.length <= 200 && first.value !== "") schema.examples = [first.value];
}

/** Few values, each about three times on average. */
const areChoices = (distinct: readonly unknown[], times: number) =>
  times >= MIN_FOR_CHOICES &&
  distinct.length >= 2 &&
  distinct.length <= MAX_CHOICES &&
  times >= 3 * distinct.length;

/** The next round number away from zero (1, 2 or 5 times a power of ten), or towards it. */
function rounded(value: number, isAway: boolean): number {
  if (value === 0) return 0;
  const size = Math.abs(value);
  const power = 10 ** Math.floor(Math.log10(size));
  const steps = [1, 2, 5, 10].map((step) => Number((step * power).toPrecision(1)));
  const found = isAway ? steps.find((step) => step >= size) : steps.findLast((step) => step <= size);
  return Math.sign(value) * (found ?? size);
}

function describeNumbers(schema: JsonObject, seen: Seen, path: string, isAlone: boolean, guesses: Guesses) {
  const values = seen.numbers.map(({ value }) => value).filter(Number.isFinite);
  const distinct = [...new Set(values)];
  const isWhole = seen.numbers.every((number) => number.isWhole);
  if (values.length === 0) return;
  const isFew = isWhole && distinct.length <= 6 && distinct.every((value) => Number.isSafeInteger(value));
  if (isAlone && isFew && distinct.length >= 3 && areChoices(distinct, values.length)) {
    const sorted: unknown[] = distinct.sort((a, b) => a - b);
    schema.enum = seen.nulls > 0 ? [...sorted, null] : sorted;
    guesses.choices.push(path);
    return;
  }
  if (schema.examples === undefined && Number.isSafeInteger(values[0]! * 1e6)) schema.examples = [values[0]];
  if (distinct.length < MIN_FOR_BOUNDS || values.length < seen.numbers.length || seen.isCut) return;
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const isShare = !isWhole && min >= 0 && max <= 1;
  schema.minimum = isShare || min >= 0 ? (isWhole && min >= 1 ? 1 : 0) : rounded(min, true);
  schema.maximum = isShare ? 1 : rounded(max, max > 0);
  guesses.bounds.push(path);
}

function describeMembers(schema: JsonObject, seen: Seen, path: string, guesses: Guesses) {
  const { count, members } = seen.objects;
  const inner = (name: string) => (path === "" ? name : `${path}.${name}`);
  const times = [...members.values()].map((member) => timesSeen(member) + (member.isCut ? 1 : 0));
  // Keys that differ from one object to the next are data themselves.
  const isMap = path !== "" && count >= 4 && members.size >= 8 && Math.max(...times) * 2 <= count;
  if (isMap) {
    schema.additionalProperties = {};
    return;
  }
  const properties: JsonObject = {};
  for (const [name, member] of members) setMember(properties, name, schemaOf(member, inner(name), guesses));
  schema.properties = properties;
  const required = [...members].filter(([, member]) => timesSeen(member) >= count).map(([name]) => name);
  if (count >= 2 && required.length > 0 && !seen.isCut) schema.required = required;
}
