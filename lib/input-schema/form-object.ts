import type { OpenSchema } from "@/lib/input-schema/document";
import { memberParts } from "@/lib/input-schema/facts";
import { has, isObject, type JsonObject } from "@/lib/input-schema/json-value";
import { isSchema, type Schema } from "@/lib/input-schema/keywords";
import { type Layers, layersOf, type Reading } from "@/lib/input-schema/layers";

const numberAt = (schemas: Schema[], keywords: string[]): number | null => {
  for (const schema of schemas)
    for (const keyword of keywords) {
      const value = isObject(schema) ? schema[keyword] : undefined;
      if (typeof value === "number") return value;
    }
  return null;
};

const textList = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

/**
 * The members that the schema names, in the order for people: a list under `x-ui-order` or `ui:order` ("*" stands for the
 * rest), else numbers under `x-order` or `propertyOrder`, else as they are written.
 */
export function orderedNames(layers: Layers): string[] {
  const names = [
    ...new Set(
      layers.schemas.flatMap(({ properties }) => (isObject(properties) ? Object.keys(properties) : [])),
    ),
  ];
  const places = new Map(
    names.map((name, i) => [
      name,
      numberAt(memberParts(layers, name), ["x-order", "propertyOrder"]) ?? 1e6 + i,
    ]),
  );
  const byNumber = [...names].sort((a, b) => places.get(a)! - places.get(b)!);
  const wanted = layers.schemas.map((schema) => textList(schema["x-ui-order"] ?? schema["ui:order"]));
  const list = wanted.find((order) => order.length > 0);
  if (!list) return byNumber;
  const rest = byNumber.filter((name) => !list.includes(name));
  const placed = list.filter((name) => name === "*" || names.includes(name));
  return placed.includes("*")
    ? placed.flatMap((name) => (name === "*" ? rest : [name]))
    : [...placed, ...rest];
}

/** The members that must be there: named as required, or because another one is there. */
export function requiredNames(layers: Layers, value: unknown): Set<string> {
  const names = new Set<string>();
  for (const schema of layers.schemas) {
    for (const name of textList(schema.required)) names.add(name);
    for (const map of [schema.dependentRequired, schema.dependencies]) {
      if (!isObject(map) || !isObject(value)) continue;
      for (const given of Object.keys(map))
        if (has(value, given)) for (const name of textList(map[given])) names.add(name);
    }
  }
  return names;
}

/** What holds for members that the schema does not name. */
export type Rest = { isOpen: boolean; keyPattern: string | null; parts: (name: string | null) => Schema[] };

export function restOf(open: OpenSchema, layers: Layers): Rest {
  const patterns = layers.schemas.flatMap(({ patternProperties }) =>
    isObject(patternProperties) ? Object.entries(patternProperties).filter(([, part]) => isSchema(part)) : [],
  ) as [string, Schema][];
  const others = layers.schemas.flatMap((schema): Schema[] => {
    const rest = schema.additionalProperties ?? schema.unevaluatedProperties;
    return isSchema(rest) ? [rest] : [];
  });
  const isClosed = others.includes(false);
  const named = layers.schemas.some(
    ({ properties }) => isObject(properties) && Object.keys(properties).length > 0,
  );
  const allowed = others.filter((part): part is JsonObject => typeof part === "object");
  return {
    isOpen: patterns.length > 0 || (!isClosed && (others.length > 0 || !named)),
    keyPattern: isClosed || others.length === 0 ? (patterns[0]?.[0] ?? null) : null,
    parts: (name) => {
      if (name === null)
        return patterns.length > 0 && isClosed
          ? [patterns[0]![1]]
          : [...allowed, ...patterns.slice(0, allowed.length === 0 ? 1 : 0).map(([, part]) => part)];
      const matching = patterns.filter(([source]) => {
        const pattern = open.pattern(source);
        return pattern !== null && name.length < 500 && pattern.occursIn(name, { left: 1_000_000 });
      });
      return matching.length > 0 ? matching.map(([, part]) => part) : allowed;
    },
  };
}

/** What is said about item `index` of a list. */
export function itemParts(layers: Layers, index: number): Schema[] {
  return layers.schemas.flatMap((schema): Schema[] => {
    const tuple = Array.isArray(schema.items) ? schema.items : schema.prefixItems;
    const first = Array.isArray(tuple) ? (tuple as unknown[]) : [];
    const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items;
    const part = index < first.length ? first[index] : rest;
    return isSchema(part) ? [part] : [];
  });
}

export const tupleLength = (layers: Layers): number =>
  Math.max(
    0,
    ...layers.schemas.map((schema) => {
      const tuple = Array.isArray(schema.items) ? schema.items : schema.prefixItems;
      return Array.isArray(tuple) ? tuple.length : 0;
    }),
  );

/** A list whose items may be more than those of its tuple. */
export const isTupleOpen = (layers: Layers): boolean =>
  layers.schemas.every(
    (schema) => (Array.isArray(schema.items) ? schema.additionalItems : schema.items) !== false,
  );

/** Layers of a schema without a value, for labels and starting values. */
export const bareLayers = (reading: Reading, parts: readonly Schema[]): Layers =>
  layersOf({ ...reading, chosen: new Map() }, parts, undefined, "");
