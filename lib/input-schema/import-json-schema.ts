import { openSchema } from "@/lib/input-schema/document";
import type { ReadSchema } from "@/lib/input-schema/imported";
import { has, isObject, type JsonObject, setMember } from "@/lib/input-schema/json-value";
import { LISTS, MAPS, ONE } from "@/lib/input-schema/keywords";

const MAX_DEPTH = 120;

/** Data in a schema, which only looks like schemas. */
const DATA = ["enum", "const", "default", "examples", "example", "required", "dependentRequired"];

/** What every schema inside goes through; members that hold data are left alone. */
function mapSchemas(schema: JsonObject, change: (schema: JsonObject) => JsonObject, depth = 0): JsonObject {
  if (depth > MAX_DEPTH) return schema; // refused afterwards, by whoever opens it
  const out: JsonObject = {};
  const inner = (value: unknown): unknown => (isObject(value) ? mapSchemas(value, change, depth + 1) : value);
  for (const key of Object.keys(schema)) {
    const value = schema[key];
    if (DATA.includes(key)) setMember(out, key, value);
    else if (MAPS.includes(key) && isObject(value)) {
      const map: JsonObject = {};
      for (const name of Object.keys(value)) setMember(map, name, inner(value[name]));
      setMember(out, key, map);
    } else if (LISTS.includes(key) && Array.isArray(value)) setMember(out, key, value.map(inner));
    else setMember(out, key, ONE.includes(key) ? inner(value) : value);
  }
  return change(out);
}

/** Spellings of draft-04 and of OpenAPI 3.0 in today's words. */
function modernized(given: JsonObject): JsonObject {
  const schema = { ...given };
  for (const [exclusive, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof schema[exclusive] !== "boolean") continue;
    if (schema[exclusive] === true && typeof schema[bound] === "number") {
      schema[exclusive] = schema[bound];
      delete schema[bound];
    } else delete schema[exclusive];
  }
  if (schema.nullable === true) {
    delete schema.nullable;
    if (typeof schema.type === "string") schema.type = [schema.type, "null"];
    else if (Array.isArray(schema.allOf) || typeof schema.$ref === "string") {
      const { allOf, $ref, ...rest } = schema;
      return {
        ...rest,
        anyOf: [{ ...($ref ? { $ref } : {}), ...(allOf ? { allOf } : {}) }, { type: "null" }],
      };
    }
    if (Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum = [...schema.enum, null];
  }
  if (has(schema, "example") && !has(schema, "examples")) {
    schema.examples = [schema.example];
    delete schema.example;
  }
  if (typeof schema.id === "string" && /^(?:https?:|#)/.test(schema.id) && !has(schema, "$id"))
    delete schema.id;
  return schema;
}

const REQUEST_KEYS = ["id", "input", "webhook", "policy", "s3Config"];

/** The part under `input` of a schema that describes whole request bodies. */
function inputOfRequest(schema: JsonObject): JsonObject | null {
  const { properties } = schema;
  if (!isObject(properties) || !isObject(properties.input)) return null;
  const { input } = properties;
  const isObjectLike =
    input.type === "object" || isObject(input.properties) || typeof input.$ref === "string";
  if (!isObjectLike || !Object.keys(properties).every((key) => REQUEST_KEYS.includes(key))) return null;
  const shared = Object.fromEntries(
    ["$schema", "$defs", "definitions"].filter((key) => has(schema, key)).map((key) => [key, schema[key]]),
  );
  return { ...shared, ...input };
}

/**
 * Take a JSON Schema over: of any draft, from Pydantic's model_json_schema, from a form maker.
 * @param notices what the caller has to say about it already
 */
export function importJsonSchema(value: JsonObject, notices: readonly string[] = []): ReadSchema {
  // Bounds first: what follows walks the schema by recursion.
  const first = openSchema(value);
  if (!first.ok) return first;
  const said = [...notices];
  let schema = mapSchemas(value, modernized);
  const inner = inputOfRequest(schema);
  if (inner) {
    schema = inner;
    said.push("The schema describes a whole request; the part under input was taken.");
  }
  const opened = openSchema(schema);
  if (!opened.ok) return opened;
  return { ok: true, schema, notices: [...said, ...opened.schema.notices] };
}

const TYPE_NAMES = ["object", "array", "string", "number", "integer", "boolean", "null"];

/** Whether JSON is meant as a schema, and not as an input. */
export function looksLikeSchema(value: JsonObject): boolean {
  if (typeof value.$schema === "string") return true;
  const isMap = (key: string) =>
    isObject(value[key]) &&
    Object.values(value[key]).every((inner) => isObject(inner) || typeof inner === "boolean");
  if (isMap("$defs") || isMap("definitions")) return true;
  const isTyped = typeof value.type === "string" && TYPE_NAMES.includes(value.type);
  if (isMap("properties") && (isTyped || Object.keys(value).every((key) => key !== "input"))) return true;
  const lists = ["allOf", "anyOf", "oneOf"];
  return lists.some(
    (key) => Array.isArray(value[key]) && value[key].every(isObject) && value[key].length > 0,
  );
}
