import type { Option } from "@/lib/input-schema/form-field";
import {
  canonical,
  has,
  isObject,
  type JsonObject,
  type JsonType,
  typeOf,
} from "@/lib/input-schema/json-value";
import { isSchema } from "@/lib/input-schema/keywords";
import type { Layers } from "@/lib/input-schema/layers";

/** Questions about all schemas of one place at once. */
export type Facts = {
  layers: Layers;
  text: (keyword: string) => string;
  first: (keyword: string) => unknown;
  numbers: (keyword: string) => number[];
  isTrue: (keyword: string) => boolean;
  /** Null for any type. "integer" only where no fraction is allowed. */
  types: Exclude<JsonType | "integer", "null">[] | null;
  allowsNull: boolean;
  /** The values that are allowed, when they are listed. */
  options: Option[] | null;
};

/** For each keyword the types that it speaks about; where no type is written, they tell which was meant. */
const TELLING: [type: Exclude<JsonType, "null">, keywords: string[]][] = [
  [
    "object",
    ["properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties"],
  ],
  ["array", ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"]],
  ["string", ["minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType"]],
  ["number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]],
];

function allowedTypes(schemas: JsonObject[]): Set<string> | null {
  let types: Set<string> | null = null;
  for (const { type } of schemas) {
    const own = (Array.isArray(type) ? type : [type]).filter((name) => typeof name === "string");
    if (own.length === 0) continue;
    if (types === null) {
      types = new Set(own);
      continue;
    }
    const kept: string[] = [...types].flatMap((name: string) => {
      if (own.includes(name)) return [name];
      const isNumeric = name === "number" && own.includes("integer");
      return isNumeric || (name === "integer" && own.includes("number")) ? ["integer"] : [];
    });
    types = new Set<string>(kept);
  }
  return types;
}

function impliedTypes(schemas: JsonObject[]): Set<string> | null {
  for (const [type, keywords] of TELLING)
    if (schemas.some((schema) => keywords.some((keyword) => has(schema, keyword)))) return new Set([type]);
  const sample = schemas
    .map((schema) => schema.default)
    .find((value) => value !== undefined && value !== null);
  if (sample !== undefined) return new Set([typeOf(sample)]);
  return schemas.some((schema) => typeof schema.format === "string") ? new Set(["string"]) : null;
}

const optionOf = (value: unknown, label?: unknown, description?: unknown): Option => ({
  value,
  label:
    typeof label === "string" && label !== ""
      ? label
      : typeof value === "string"
        ? value
        : JSON.stringify(value),
  description: typeof description === "string" ? description : "",
});

/** Names for enum values, as several generators write them beside the enum. */
function enumNames(schema: JsonObject): unknown[] {
  const names = schema["x-enumNames"] ?? schema.enumNames ?? schema["x-enum-varnames"];
  return Array.isArray(names) ? names : [];
}

function listedOptions(schemas: JsonObject[]): Option[] | null {
  let options: Option[] | null = null;
  const narrow = (own: Option[]) => {
    const texts = new Set(own.map((option) => canonical(option.value)));
    options = options === null ? own : options.filter((option) => texts.has(canonical(option.value)));
  };
  for (const schema of schemas) {
    if (Array.isArray(schema.enum)) {
      const names = enumNames(schema);
      narrow(schema.enum.map((value, i) => optionOf(value, names[i])));
    }
    for (const list of [schema.oneOf, schema.anyOf]) {
      const branches = Array.isArray(list) ? list.filter(isObject) : [];
      const isConstants = branches.length > 0 && branches.every((branch) => has(branch, "const"));
      if (isConstants && branches.length === (list as unknown[]).length)
        narrow(branches.map((branch) => optionOf(branch.const, branch.title, branch.description)));
    }
  }
  return options;
}

export function factsOf(layers: Layers): Facts {
  const { schemas } = layers;
  const types = allowedTypes(schemas) ?? impliedTypes(schemas);
  const listed = listedOptions(schemas);
  const known = types === null ? null : [...types].filter((type) => type !== "null");
  return {
    layers,
    first: (keyword) => schemas.find((schema) => has(schema, keyword))?.[keyword],
    text: (keyword) => {
      const found = schemas.map((schema) => schema[keyword]).find((value) => typeof value === "string");
      return typeof found === "string" ? found : "";
    },
    numbers: (keyword) =>
      schemas.map((schema) => schema[keyword]).filter((value): value is number => typeof value === "number"),
    isTrue: (keyword) => schemas.some((schema) => schema[keyword] === true),
    types: known as Facts["types"],
    allowsNull:
      layers.isNullable ||
      (types?.has("null") ?? false) ||
      (listed?.some((option) => option.value === null) ?? false) ||
      schemas.some((schema) => schema.nullable === true),
    options: listed?.filter((option) => option.value !== null) ?? null,
  };
}

export const maxOf = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : Math.max(...numbers);
export const minOf = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : Math.min(...numbers);

/** The schemas that speak about one member of an object. */
export function memberParts(layers: Layers, name: string) {
  return layers.schemas.flatMap(({ properties }) => {
    const part = isObject(properties) && has(properties, name) ? properties[name] : undefined;
    return isSchema(part) ? [part] : [];
  });
}
