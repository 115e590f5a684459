import { isObject, type JsonObject } from "@/lib/input-schema/json-value";

export type Schema = boolean | JsonObject;
export const isSchema = (value: unknown): value is Schema => typeof value === "boolean" || isObject(value);

/** Where a schema holds other schemas: one, a list, or a map of them. Everything else in it is data. */
export const ONE = [
  "additionalItems",
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
];
export const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
export const MAPS = [
  "$defs",
  "definitions",
  "dependencies",
  "dependentSchemas",
  "patternProperties",
  "properties",
];
/** Of these, the ones that judge the same value, not a part of it. */
const SAME_VALUE = [
  "not",
  "if",
  "then",
  "else",
  "allOf",
  "anyOf",
  "oneOf",
  "dependentSchemas",
  "dependencies",
];

export type Subschema = { keyword: string; path: string[]; schema: Schema; isSameValue: boolean };

/** The schemas directly inside of one. */
export function subschemas(schema: JsonObject): Subschema[] {
  const found: Subschema[] = [];
  const add = (keyword: string, path: string[], candidate: unknown) => {
    if (!isSchema(candidate)) return;
    found.push({ keyword, path, schema: candidate, isSameValue: SAME_VALUE.includes(keyword) });
  };
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword];
    if (Array.isArray(value)) {
      if (LISTS.includes(keyword))
        for (const [i, item] of value.entries()) add(keyword, [keyword, String(i)], item);
    } else if (MAPS.includes(keyword)) {
      if (isObject(value)) for (const name of Object.keys(value)) add(keyword, [keyword, name], value[name]);
    } else if (ONE.includes(keyword)) add(keyword, [keyword], value);
  }
  return found;
}

const isNumber = (value: unknown) => typeof value === "number";
const isCount = (value: unknown) => typeof value === "number" && Number.isInteger(value) && value >= 0;
const isText = (value: unknown) => typeof value === "string";
const isTextList = (value: unknown) => Array.isArray(value) && value.every(isText);
const isSchemaMap = (value: unknown) => isObject(value) && Object.values(value).every(isSchema);
const isSchemaList = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isSchema);

const NUMBER = { is: isNumber, words: "a number" };
const COUNT = { is: isCount, words: "a whole number from 0 on" };
const TEXT = { is: isText, words: "text" };
const SCHEMA = { is: isSchema, words: "a schema" };
const SCHEMAS = { is: isSchemaList, words: "a list of schemas" };
const SCHEMA_MAP = { is: isSchemaMap, words: "an object of schemas" };
const TYPES = ["null", "boolean", "number", "integer", "string", "array", "object"];
const isTypeName = (value: unknown) => TYPES.includes(value as string);

const SHAPES = new Map<string, { is: (value: unknown) => boolean; words: string }>([
  [
    "type",
    {
      is: (value) =>
        isTypeName(value) || (Array.isArray(value) && value.length > 0 && value.every(isTypeName)),
      words: `one of ${TYPES.join(", ")}, or a list of them`,
    },
  ],
  ["enum", { is: (value) => Array.isArray(value) && value.length > 0, words: "a list of values" }],
  ["multipleOf", { is: (value) => isNumber(value) && (value as number) > 0, words: "a number above 0" }],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"].map((key) => [key, NUMBER] as const),
  ...[
    ...["minLength", "maxLength", "minItems", "maxItems"],
    ...["minProperties", "maxProperties", "minContains", "maxContains"],
  ].map((key) => [key, COUNT] as const),
  ...["pattern", "format", "$ref", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor"].map(
    (key) => [key, TEXT] as const,
  ),
  ["required", { is: isTextList, words: "a list of names" }],
  [
    "dependentRequired",
    {
      is: (value) => isObject(value) && Object.values(value).every(isTextList),
      words: "an object of lists of names",
    },
  ],
  ["uniqueItems", { is: (value) => typeof value === "boolean", words: "true or false" }],
  ...["additionalProperties", "contains", "else", "if", "not", "propertyNames", "then"].map(
    (key) => [key, SCHEMA] as const,
  ),
  ...["allOf", "anyOf", "oneOf", "prefixItems"].map((key) => [key, SCHEMAS] as const),
  ...["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"].map(
    (key) => [key, SCHEMA_MAP] as const,
  ),
  [
    "items",
    { is: (value) => isSchema(value) || (Array.isArray(value) && value.every(isSchema)), words: "a schema" },
  ],
]);

/** What a keyword should have been, when it is not; null when it is fine or no keyword of ours. */
export function shapeFault(keyword: string, value: unknown): string | null {
  const shape = SHAPES.get(keyword);
  return shape && !shape.is(value) ? shape.words : null;
}
