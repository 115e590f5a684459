import type { OpenSchema } from "@/lib/input-schema/document";
import { factsOf, maxOf, memberParts } from "@/lib/input-schema/facts";
import { bareLayers, itemParts, orderedNames, requiredNames } from "@/lib/input-schema/form-object";
import { isObject, type JsonObject, setMember } from "@/lib/input-schema/json-value";
import type { Schema } from "@/lib/input-schema/keywords";
import { newReading, type Reading } from "@/lib/input-schema/layers";
import { spend, WorkSpent } from "@/lib/input-schema/work";

const MAX_DEPTH = 6;
const MAX_MEMBERS = 2_000;
const MAX_ITEMS = 20;

type Start = { reading: Reading; left: number };

/**
 * The input that a form begins with: all defaults, constants, and the objects that are required. A required field
 * without a default is left out, so that nobody sends a value that nobody chose.
 */
export function startingValue(open: OpenSchema): JsonObject {
  try {
    const value = start({ reading: newReading(open), left: MAX_MEMBERS }, [open.root], 0, false);
    return isObject(value) ? value : {};
  } catch (error) {
    if (error instanceof WorkSpent) return {};
    throw error;
  }
}

/** What an added field or item begins with: its default, else the plainest value of its kind. Never undefined. */
export const addedValue = (reading: Reading, parts: readonly Schema[]): unknown =>
  start({ reading, left: MAX_MEMBERS }, parts, 0, true) ?? null;

function start(of: Start, parts: readonly Schema[], depth: number, isAdded: boolean): unknown {
  if (depth > MAX_DEPTH || --of.left < 0) return undefined;
  const layers = bareLayers(of.reading, parts);
  const facts = factsOf(layers);
  const given = facts.first("default");
  if (given !== undefined) return given;
  const constant = facts.first("const");
  if (constant !== undefined) return constant;
  const type = facts.types?.[0];
  if (type === "object") {
    const object: JsonObject = {};
    const required = requiredNames(layers, object);
    const names = orderedNames(layers);
    spend(of.reading.work, 20 * names.length);
    for (const name of names) {
      const inner = memberParts(layers, name);
      const member = start(of, inner, depth + 1, false);
      const isWanted =
        required.has(name) || factsOf(bareLayers(of.reading, inner)).first("default") !== undefined;
      if (isWanted && member !== undefined) setMember(object, name, member);
    }
    return object;
  }
  if (!isAdded) return undefined;
  if (facts.options && facts.options.length > 0) return facts.options[0]!.value;
  if (facts.allowsNull) return null;
  if (type === "array") {
    const length = Math.min(maxOf(facts.numbers("minItems")) ?? 0, MAX_ITEMS);
    return Array.from({ length }, (_, i) => start(of, itemParts(layers, i), depth + 1, true) ?? null);
  }
  if (type === "boolean") return false;
  if (type === "number" || type === "integer") return maxOf(facts.numbers("minimum")) ?? 0;
  return type === "string" ? "" : null;
}
