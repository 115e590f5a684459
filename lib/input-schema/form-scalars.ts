import type { Facts } from "@/lib/input-schema/facts";
import { maxOf, minOf } from "@/lib/input-schema/facts";
import type { Kind, Option } from "@/lib/input-schema/form-field";

type KindOf<K extends Kind["kind"]> = Extract<Kind, { kind: K }>;

const RADIO_MAX = 4;
const SELECT_MAX = 12;
/** Beyond that a hand cannot meet a place on a slider. */
const SLIDER_MAX_STEPS = 10_000;

/** What the schema asks for by name, in the spellings that other form makers use. */
export const widgetHint = (facts: Facts): string =>
  facts.text("x-widget") || facts.text("ui:widget") || facts.text("x-ui-widget");

export function choiceKind(facts: Facts, options: Option[]): KindOf<"choice"> {
  const hint = widgetHint(facts);
  const widget =
    hint === "radio" && options.length <= SELECT_MAX
      ? "radio"
      : options.length > SELECT_MAX
        ? "search"
        : options.length > RADIO_MAX || hint === "select"
          ? "select"
          : "radio";
  return { kind: "choice", options, widget };
}

/** A round number near a hundredth of the range: 1, 2 or 5 times a power of ten. */
function roundStep(range: number): number {
  const raw = range / 100;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= raw * 0.999) ?? 10;
  return Number((factor * power).toPrecision(1));
}

export function numberKind(facts: Facts, isInteger: boolean): KindOf<"number"> {
  const multiple = facts.numbers("multipleOf").find((step) => step > 0) ?? null;
  const step = isInteger && (multiple === null || !Number.isInteger(multiple)) ? 1 : multiple;
  const nudge = step ?? 0;
  // An exclusive bound is met one step inside of it; without steps the validator says the rest.
  const min = maxOf([
    ...facts.numbers("minimum"),
    ...facts.numbers("exclusiveMinimum").map((bound) => bound + nudge),
  ]);
  const max = minOf([
    ...facts.numbers("maximum"),
    ...facts.numbers("exclusiveMaximum").map((bound) => bound - nudge),
  ]);
  const range = min !== null && max !== null && max > min ? max - min : null;
  const handStep = step ?? (range === null ? 0.1 : roundStep(range));
  const hint = widgetHint(facts);
  const isSlider =
    range !== null && range / handStep <= SLIDER_MAX_STEPS && !["number", "box"].includes(hint);
  return { kind: "number", widget: isSlider ? "slider" : "box", isInteger, min, max, step, handStep };
}

const LONG_NAMES = /(?:^|_)(?:prompt|text|caption|script|lyrics|instructions?|message|query|code|body)$/i;
const LONG_LENGTH = 200;

export function textKind(facts: Facts, key: string): KindOf<"text"> | KindOf<"file"> {
  const file = fileKind(facts, key);
  if (file) return file;
  const hint = widgetHint(facts);
  const format = facts.text("format");
  const maxLength = minOf(facts.numbers("maxLength"));
  const isSecret =
    facts.isTrue("writeOnly") || format === "password" || hint === "password" || hint === "secret";
  const isLong =
    ["textarea", "multiline", "area"].includes(hint) ||
    ["textarea", "multiline", "markdown"].includes(format) ||
    (maxLength !== null && maxLength > LONG_LENGTH) ||
    (maxLength === null && format === "" && facts.text("pattern") === "" && LONG_NAMES.test(key)) ||
    (typeof facts.first("default") === "string" && (facts.first("default") as string).includes("\n"));
  return {
    kind: "text",
    widget: isSecret ? "secret" : isLong && hint !== "text" ? "area" : "line",
    format: format || null,
    minLength: maxOf(facts.numbers("minLength")) ?? 0,
    maxLength,
    pattern: facts.text("pattern") || null,
  };
}

const MEDIA: [accept: string, name: RegExp][] = [
  ["image/*", /image|img|photo|picture|mask|portrait/i],
  ["audio/*", /audio|voice|speech|song|sound|wav|mp3/i],
  ["video/*", /video|movie|clip/i],
];
const FILE_FORMATS = ["binary", "byte", "base64", "data-url", "data-uri", "file"];
const ADDRESS_FORMATS = ["uri", "url", "uri-reference", "iri"];

/** A file, by what the schema says of its content, by its format, or by an address whose name says what lies there. */
function fileKind(facts: Facts, key: string): KindOf<"file"> | null {
  const encoding = facts.text("contentEncoding");
  const media = facts.text("contentMediaType");
  const format = facts.text("format");
  const hint = widgetHint(facts);
  const about = `${key} ${facts.text("title")}`;
  const guessed = MEDIA.find(([, name]) => name.test(about))?.[0] ?? null;
  // application/json and text inside of a text are not files.
  const isBinaryMedia = media !== "" && !/^text\/|json$/.test(media);
  const accept = isBinaryMedia && media !== "application/octet-stream" ? media : guessed;
  const base: KindOf<"file"> = { kind: "file", encodings: ["base64"], accept };
  if (hint === "file" || format === "data-url" || format === "data-uri")
    return { ...base, encodings: format ? ["data-uri"] : ["url", "data-uri", "base64"] };
  if (encoding === "base64" || FILE_FORMATS.includes(format) || (isBinaryMedia && encoding === ""))
    return base;
  const isNamedFile =
    guessed !== null || /(?:^|[_\s-])(?:file|document|archive|zip)(?:$|[_\s-])/i.test(about);
  if (ADDRESS_FORMATS.includes(format) && isNamedFile) return { ...base, encodings: ["url", "data-uri"] };
  return null;
}
