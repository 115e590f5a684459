import { distanceOf } from "@/lib/input-schema/closest";
import type { OpenSchema } from "@/lib/input-schema/document";
import { has, isObject, type JsonObject } from "@/lib/input-schema/json-value";
import { isSchema, type Schema } from "@/lib/input-schema/keywords";
import { judgePart } from "@/lib/input-schema/validate";
import { spend, type Work } from "@/lib/input-schema/work";

/** A choice between branches that has to be made. */
export type Choice = {
  id: string;
  /** All of them, without those that only allow null. */
  branches: Schema[];
  selected: number;
};

/** All that is said about one place of a value: the schemas that apply there, the nearest first. */
export type Layers = {
  schemas: JsonObject[];
  choices: Choice[];
  /** A branch allows null. */
  isNullable: boolean;
  /** Some schema allows nothing here. */
  isImpossible: boolean;
};

const ANNOTATIONS = ["title", "description", "default", "examples", "x-order", "propertyOrder", "x-advanced"];
const MAX_LAYERS = 100;
const LAYER_WORK = 60;

/** What the branch picker of one place is built from: ids that last, and what a person has chosen. */
export type Chosen = ReadonlyMap<string, number>;

/** One reading of a schema: all of it together may cost so much and no more. */
export type Reading = { open: OpenSchema; chosen: Chosen; work: Work };

/** Steps; a form of 200 fields takes about 20,000. */
const READING_WORK = 250_000;
export const newReading = (open: OpenSchema, chosen: Chosen = new Map()): Reading => ({
  open,
  chosen,
  work: { left: READING_WORK },
});

/** Only rules about which members may stand together: nothing that a person would pick. */
const isRuleOnly = (schema: Schema): boolean =>
  typeof schema === "boolean" ||
  Object.keys(schema).every((key) =>
    ["required", "not", "title", "description", "dependentRequired"].includes(key),
  );

const isNull = (schema: Schema): boolean =>
  isObject(schema) && (schema.type === "null" || (has(schema, "const") && schema.const === null));

/**
 * Put together what applies to a value: references followed, `allOf` opened, conditions decided by the value, branches
 * chosen by the person or else by what the value is nearest to.
 * @throws WorkSpent
 */
export function layersOf(reading: Reading, parts: readonly Schema[], value: unknown, path: string): Layers {
  const { open, chosen, work } = reading;
  const layers: Layers = { schemas: [], choices: [], isNullable: false, isImpossible: false };
  const seen = new Set<Schema>();

  const visit = (schema: Schema): void => {
    if (schema === false) layers.isImpossible = true;
    if (typeof schema === "boolean" || seen.has(schema) || seen.size > MAX_LAYERS) return;
    seen.add(schema);
    spend(work, LAYER_WORK);
    const isAlone = open.resources.ignoresSiblings(schema);
    // In draft-07 nothing beside a reference counts, but people write titles and defaults there all the same.
    layers.schemas.push(
      isAlone
        ? Object.fromEntries(Object.entries(schema).filter(([key]) => ANNOTATIONS.includes(key)))
        : schema,
    );
    for (const keyword of ["$ref", "$dynamicRef"]) {
      const reference = schema[keyword];
      if (typeof reference !== "string") continue;
      const found = open.resources.find(reference, open.resources.homeOf(schema));
      if (found.ok) visit(found.schema);
    }
    if (isAlone) return;
    if (Array.isArray(schema.allOf)) for (const part of schema.allOf) if (isSchema(part)) visit(part);
    if (isSchema(schema.if)) {
      const next = judgePart(open, schema.if, value ?? {}, work).length === 0 ? schema.then : schema.else;
      if (isSchema(next)) visit(next);
    }
    for (const keyword of ["dependentSchemas", "dependencies"]) {
      const map = schema[keyword];
      if (!isObject(map) || !isObject(value)) continue;
      for (const name of Object.keys(map)) {
        const wanted = map[name];
        if (has(value, name) && isSchema(wanted)) visit(wanted);
      }
    }
    for (const keyword of ["anyOf", "oneOf"]) if (Array.isArray(schema[keyword])) choose(schema[keyword]);
  };

  const choose = (list: unknown[]): void => {
    const given = list.filter(isSchema);
    if (given.some(isNull)) layers.isNullable = true;
    const branches = given.filter((branch) => !isNull(branch));
    if (branches.length === 0 || branches.every(isRuleOnly)) return;
    // A list of constants is the options of one field.
    if (branches.length > 1 && branches.every((branch) => isObject(branch) && has(branch, "const"))) return;
    if (branches.length === 1) {
      visit(branches[0]!);
      return;
    }
    const id = `${path}#${layers.choices.length}`;
    const selected = Math.min(chosen.get(id) ?? nearest(reading, branches, value), branches.length - 1);
    layers.choices.push({ id, branches, selected });
    visit(branches[selected]!);
  };

  for (const part of parts) visit(part);
  return layers;
}

/** The first branch that fits, else the one that the value is nearest to; the first for no value. */
function nearest({ open, work }: Reading, branches: readonly Schema[], value: unknown): number {
  if (value === undefined || value === null) return 0;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, branch] of branches.entries()) {
    const distance = distanceOf(judgePart(open, branch, value, work), "");
    if (distance < least) [best, least] = [i, distance];
    if (distance === 0) return i;
  }
  return best;
}
