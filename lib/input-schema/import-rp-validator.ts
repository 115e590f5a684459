import type { ReadSchema } from "@/lib/input-schema/imported";
import { isObject, type JsonObject, setMember } from "@/lib/input-schema/json-value";
import { AppError } from "@/lib/kernel/errors";
import { createLiteralReader, type Literal, literalJson } from "@/lib/requests/imports-literal";
import { readSource } from "@/lib/requests/imports-source";

/** Characters of Python. A schema file is a few thousand. */
const MAX_SOURCE = 200_000;

type Members = [key: string, value: Literal][];

/** Python that looks like the schema of runpod's rp_validator: a dict of dicts whose type is a Python type. */
export const looksLikeValidator = (text: string): boolean =>
  /["']type["']\s*:\s*\(?\s*(?:str|int|float|bool|list|dict|List|Dict|Optional|Union|Any|typing)\b/.test(
    text,
  );

const TYPES = new Map<string, string>([
  ["str", "string"],
  ["int", "integer"],
  ["float", "number"],
  ["bool", "boolean"],
  ["list", "array"],
  ["dict", "object"],
  ["tuple", "array"],
]);

/**
 * The schema in the Python source of a worker that checks its input by rp_validator. The source is read as data, never
 * run: literals, and names that it assigns literals to. `constraints` are programs, so they stay behind, with a notice.
 */
export function importRpValidator(text: string): ReadSchema {
  if (text.length > MAX_SOURCE)
    return { ok: false, message: "This program is too long to find a schema in it. Paste the schema alone." };
  try {
    const found = findSchema(text);
    if (!found)
      return {
        ok: false,
        message:
          'No schema was found in this Python: it should assign a dict such as INPUT_SCHEMA = {"prompt": {"type": str, "required": True}}.',
      };
    return convert(found.members, found.name);
  } catch (error) {
    if (error instanceof AppError) return { ok: false, message: error.message };
    throw error;
  }
}

const isRule = (value: Literal): value is Extract<Literal, { kind: "object" }> =>
  value.kind === "object" && value.members.some(([key]) => key === "type");

function findSchema(text: string): { name: string | null; members: Members } | null {
  const source = readSource(text, "python");
  const reader = createLiteralReader(source);
  const names = [...source.names.keys()];
  const preferred = [
    ...names.filter((name) => name === "INPUT_SCHEMA"),
    ...names.filter((name) => name !== "INPUT_SCHEMA" && /schema|validation/i.test(name)),
    ...names,
  ];
  const isSchema = (value: Literal) =>
    value.kind === "object" && value.members.length > 0 && value.members.some(([, rule]) => isRule(rule));
  for (const name of [...new Set(preferred)].slice(0, 200)) {
    const { value } = reader.read(source.names.get(name)!);
    if (value.kind === "object" && isSchema(value)) return { name, members: value.members };
  }
  const { value } = reader.read(reader.skip(0));
  return value.kind === "object" && isSchema(value) ? { name: null, members: value.members } : null;
}

function convert(members: Members, name: string | null): ReadSchema {
  const properties: JsonObject = {};
  const required: string[] = [];
  const notices = name !== null && name !== "INPUT_SCHEMA" ? [`Taken from ${name}.`] : [];
  const rules: string[] = [];
  // Of a key that is written twice the last counts, as in Python.
  for (const [key, rule] of new Map(members)) {
    if (rule.kind !== "object") {
      notices.push(`${key} is not written out as a dict, so its field takes anything.`);
      setMember(properties, key, {});
      continue;
    }
    const facts = new Map(rule.members);
    const { schema, words } = typeSchema(key, facts.get("type"));
    notices.push(...words);
    const isRequired =
      facts.get("required")?.kind === "scalar" && (facts.get("required") as { json: string }).json === "true";
    if (isRequired) required.push(key);
    notices.push(...takeDefault(schema, key, facts.get("default"), isRequired));
    const constraints = facts.get("constraints");
    if (constraints) rules.push(constraints.kind === "unknown" ? `${key} (${constraints.expression})` : key);
    setMember(properties, key, schema);
  }
  if (rules.length > 0)
    notices.push(
      `Constraints are programs and are not taken over; the worker still checks them: ${rules.slice(0, 12).join("; ")}${rules.length > 12 ? " …" : ""}.`,
    );
  const schema: JsonObject = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
    // rp_validator refuses keys that it does not know.
    additionalProperties: false,
  };
  return { ok: true, schema, notices };
}

/** The JSON types of a Python type as written: `str`, `(int, float)`, `Optional[str]`, `List[int]`, `str | None`. */
function typeSchema(key: string, type: Literal | undefined): { schema: JsonObject; words: string[] } {
  const names =
    type?.kind === "list"
      ? type.items.map((item) => (item.kind === "unknown" ? item.expression : ""))
      : type?.kind === "unknown"
        ? namesIn(type.expression)
        : [];
  const types = names.map((name) =>
    /^(?:None|NoneType|type\(None\))$/.test(name) ? "null" : TYPES.get(name),
  );
  const known = types.filter((one): one is string => one !== undefined);
  if (known.length === 0 || known.length < types.length) {
    const shown = type?.kind === "unknown" ? type.expression : "not written out";
    return { schema: {}, words: [`The type of ${key} is ${shown}, so its field takes anything.`] };
  }
  const distinct = [...new Set(known)];
  // A float takes whole numbers too.
  const kept = distinct.includes("number") ? distinct.filter((one) => one !== "integer") : distinct;
  return { schema: { type: kept.length === 1 ? kept[0] : kept }, words: [] };
}

function namesIn(expression: string): string[] {
  const bare = expression.replace(/\btyping\./g, "").trim();
  const optional = /^Optional\[(.*)\]$/.exec(bare)?.[1];
  if (optional !== undefined) return [...namesIn(optional), "None"];
  const union = /^Union\[([^[\]]*)\]$/.exec(bare)?.[1];
  if (union !== undefined) return union.split(",").flatMap(namesIn);
  if (/^(?:list|dict|tuple|set)\s*\[/i.test(bare)) return [/^[a-z]+/i.exec(bare)![0].toLowerCase()];
  if (bare.includes("|") && !bare.includes("[")) return bare.split("|").flatMap(namesIn);
  return [bare === "List" || bare === "Dict" ? bare.toLowerCase() : bare];
}

function takeDefault(
  schema: JsonObject,
  key: string,
  given: Literal | undefined,
  isRequired: boolean,
): string[] {
  if (given === undefined)
    return isRequired ? [] : [`${key} is optional without a default, which rp_validator itself refuses.`];
  const unknown: string[] = [];
  const json = literalJson(given, unknown);
  if (unknown.length > 0) return [`The default of ${key} is computed (${unknown[0]}) and is not taken over.`];
  const value: unknown = JSON.parse(json);
  schema.default = value;
  if (value === null && schema.type !== undefined) {
    const types = Array.isArray(schema.type) ? schema.type : [schema.type];
    if (!types.includes("null")) schema.type = [...types, "null"];
  }
  if (isObject(value) && Object.keys(value).length === 0 && schema.type !== "object") delete schema.default;
  return [];
}
