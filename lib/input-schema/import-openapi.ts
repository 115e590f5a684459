import { importJsonSchema } from "@/lib/input-schema/import-json-schema";
import type { ReadSchema } from "@/lib/input-schema/imported";
import { has, isObject, type JsonObject, member, setMember } from "@/lib/input-schema/json-value";
import { pointerParts } from "@/lib/input-schema/pointer";

const MAX_DEPTH = 120;
const MAX_HOISTED = 1_000;

type Body = { where: string; schema: JsonObject; rank: number };

const refuse = (message: string): ReadSchema => ({ ok: false, message });

/**
 * The input of a worker that describes itself by an OpenAPI 3 document: Cog's `Input`, else the JSON body of the operation
 * that most likely runs it.
 */
export function importOpenApi(document: JsonObject): ReadSchema {
  if (typeof document.swagger === "string")
    return refuse(
      "This is a Swagger 2 document; OpenAPI 3 is read. Converters from 2 to 3 are at hand everywhere.",
    );
  const cog = member(member(document.components, "schemas"), "Input");
  const bodies = bodiesOf(document);
  const best: Body | undefined = isObject(cog)
    ? { where: "components.schemas.Input", schema: cog, rank: 0 }
    : [...bodies].sort((a, b) => a.rank - b.rank)[0];
  if (!best)
    return refuse("This OpenAPI document describes no JSON body, so there is no input to take from it.");
  const others = bodies.filter(({ where }) => where !== best.where).map(({ where }) => where);
  const notices = [`Taken from ${best.where}.`];
  if (!isObject(cog) && others.length > 0)
    notices.push(
      `The document has other bodies too: ${others.slice(0, 5).join(", ")}${others.length > 5 ? " …" : ""}.`,
    );
  const hoisted = withDefinitions(document, best.schema);
  if (typeof hoisted === "string") return refuse(hoisted);
  const named = unwrapped(hoisted);
  return importJsonSchema(named, notices);
}

const METHODS = ["post", "put", "patch"];
/** Words in paths that run something, the likeliest first. */
const PATHS = [
  /\/run(?:sync)?$/,
  /\/predictions?$/,
  /\/(?:generate|infer|inference|predict|invoke|process)\b/,
  /./,
];

function bodiesOf(document: JsonObject): Body[] {
  const bodies: Body[] = [];
  const paths = isObject(document.paths) ? document.paths : {};
  for (const path of Object.keys(paths).slice(0, 500)) {
    for (const method of METHODS) {
      const operation = member(paths[path], method);
      const requestBody = resolved(document, member(operation, "requestBody"));
      const content = member(requestBody, "content");
      const media = isObject(content) ? Object.keys(content).find((type) => /json/i.test(type)) : undefined;
      const schema = media === undefined ? undefined : member(member(content, media), "schema");
      if (!isObject(schema)) continue;
      const rank = PATHS.findIndex((pattern) => pattern.test(path)) * 10 + METHODS.indexOf(method);
      bodies.push({ where: `${method.toUpperCase()} ${path}`, schema, rank });
    }
  }
  return bodies;
}

function lookUp(document: JsonObject, reference: string): unknown {
  if (!reference.startsWith("#/")) return undefined;
  let at: unknown = document;
  for (const part of pointerParts(decodeOr(reference.slice(1)))) {
    if (Array.isArray(at)) at = at[Number(part)];
    else at = member(at, part);
  }
  return at;
}

function decodeOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const resolved = (document: JsonObject, value: unknown): unknown => {
  const reference = member(value, "$ref");
  return typeof reference === "string" ? lookUp(document, reference) : value;
};

/**
 * A schema with everything of the document that it refers to under `$defs`, and the references bent there.
 * @returns a sentence when it cannot be done
 */
function withDefinitions(document: JsonObject, root: JsonObject): JsonObject | string {
  const names = new Map<string, string>();
  const definitions: JsonObject = {};
  const queue: { name: string; reference: string }[] = [];
  let problem: string | null = null;

  const nameOf = (reference: string): string => {
    const known = names.get(reference);
    if (known !== undefined) return known;
    const plain =
      (pointerParts(decodeOr(reference.slice(1))).at(-1) ?? "part").replace(/[^\w.-]/g, "_") || "part";
    let name = plain;
    for (let i = 2; [...names.values()].includes(name); i++) name = `${plain}_${i}`;
    names.set(reference, name);
    queue.push({ name, reference });
    return name;
  };
  const copy = (value: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) {
      problem = `The schema is nested more than ${MAX_DEPTH} levels deep.`;
      return null;
    }
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    if (!isObject(value)) return value;
    const out: JsonObject = {};
    for (const key of Object.keys(value)) {
      const inner = value[key];
      const isLocal = key === "$ref" && typeof inner === "string" && inner.startsWith("#/");
      setMember(out, key, isLocal ? `#/$defs/${nameOf(inner)}` : copy(inner, depth + 1));
    }
    return out;
  };

  const schema = copy(root, 0) as JsonObject;
  for (let next = queue.shift(); next && problem === null; next = queue.shift()) {
    const target = lookUp(document, next.reference);
    if (target === undefined)
      problem = `The document refers to ${next.reference.slice(0, 80)}, which is not in it.`;
    else if (names.size > MAX_HOISTED) problem = "The schema refers to more parts than a form can show.";
    else setMember(definitions, next.name, copy(target, 0));
  }
  if (problem !== null) return problem;
  return names.size === 0 ? schema : { ...schema, $defs: definitions };
}

/** A schema that is nothing but a reference, opened so that its fields stand at the top. */
function unwrapped(schema: JsonObject): JsonObject {
  const { $ref, $defs, ...rest } = schema;
  if (typeof $ref !== "string" || !isObject($defs) || Object.keys(rest).length > 0) return schema;
  const name = $ref.slice("#/$defs/".length);
  const target = has($defs, name) ? $defs[name] : undefined;
  return isObject(target) ? { ...target, $defs } : schema;
}
