import type { OpenSchema } from "@/lib/input-schema/document";
import { type Facts, factsOf, maxOf, memberParts, minOf } from "@/lib/input-schema/facts";
import type { Field, FieldBase, Form, Kind } from "@/lib/input-schema/form-field";
import {
  bareLayers,
  isTupleOpen,
  itemParts,
  orderedNames,
  requiredNames,
  restOf,
  tupleLength,
} from "@/lib/input-schema/form-object";
import { choiceKind, numberKind, textKind, widgetHint } from "@/lib/input-schema/form-scalars";
import { typeWords } from "@/lib/input-schema/issue";
import { has, isObject, type JsonObject, typeOf } from "@/lib/input-schema/json-value";
import type { Schema } from "@/lib/input-schema/keywords";
import { type Chosen, layersOf, newReading, type Reading } from "@/lib/input-schema/layers";
import { branchPickers, typePicker } from "@/lib/input-schema/pickers";
import { childPointer } from "@/lib/input-schema/pointer";
import { addedValue } from "@/lib/input-schema/starting-value";
import { WorkSpent } from "@/lib/input-schema/work";

/** More fields than anybody edits one by one; the rest is JSON. */
const MAX_FIELDS = 2_000;
const MAX_ITEMS = 200;
const MAX_ENTRIES = 500;
const MAX_DEPTH = 24;
/** Objects that the value does not have are shown this deep; a schema that contains itself would go on for ever. */
const MAX_ABSENT_DEPTH = 1;

type Builder = { reading: Reading; fields: Map<string, Field> };
type Spot = {
  parts: Schema[];
  path: string;
  key: string;
  value: unknown;
  isRequired: boolean;
  isExtra: boolean;
  depth: number;
  /** How many of the objects around this one are not in the value. */
  absent: number;
};
type KindOf<K extends Kind["kind"]> = Extract<Kind, { kind: K }>;

/**
 * The form of a schema for a value. There is a field for every member that the schema names or the value has; what no
 * field fits is a JSON field, never nothing.
 * @param value the input as it is now; undefined for none
 * @param chosen by picker id, the branch that the person chose
 */
export function buildForm(open: OpenSchema, value: unknown, chosen: Chosen = new Map()): Form {
  const builder: Builder = { reading: newReading(open, chosen), fields: new Map() };
  const spot = {
    parts: [open.root],
    path: "",
    key: "",
    value,
    isRequired: true,
    isExtra: false,
    depth: 0,
    absent: 0,
  };
  return { root: build(builder, spot), byPath: builder.fields };
}

function build(builder: Builder, spot: Spot): Field {
  const { fields } = builder;
  // The place in the order is taken before the inner fields take theirs.
  fields.set(spot.path, { ...bareBase(spot), kind: "json", reason: "" });
  let field: Field;
  try {
    field = fieldOf(builder, spot);
  } catch (error) {
    if (!(error instanceof WorkSpent)) throw error;
    field = { ...bareBase(spot), ...json("The schema is too tangled to show this field apart.") };
  }
  fields.set(spot.path, field);
  return field;
}

function fieldOf(builder: Builder, spot: Spot): Field {
  const { reading } = builder;
  const layers = layersOf(reading, spot.parts, spot.value, spot.path);
  const facts = factsOf(layers);
  const pickers = branchPickers(reading, layers);
  const picker = typePicker(facts, spot.value, spot.path, reading.chosen);
  if (picker && facts.types) {
    pickers.push(picker);
    facts.types = [facts.types[picker.selected]!];
  }
  return { ...baseOf(spot, facts), pickers, ...kindOf(builder, spot, facts) };
}

/** What is known of a field without its schema. */
const bareBase = (spot: Spot): FieldBase => ({
  path: spot.path,
  key: spot.key,
  label: spot.key,
  description: "",
  isRequired: spot.isRequired,
  isNullable: false,
  isPresent: spot.value !== undefined,
  value: spot.value,
  defaultValue: undefined,
  examples: [],
  isReadOnly: false,
  isDeprecated: false,
  isAdvanced: false,
  isExtra: spot.isExtra,
  pickers: [],
});

function baseOf(spot: Spot, facts: Facts): FieldBase {
  const examples = facts.first("examples");
  const example = facts.first("example");
  return {
    ...bareBase(spot),
    label: facts.text("title").trim() || spot.key,
    description: facts.text("description"),
    isNullable: facts.allowsNull,
    defaultValue: facts.first("default"),
    examples: Array.isArray(examples) ? examples.slice(0, 20) : example === undefined ? [] : [example],
    isReadOnly: facts.isTrue("readOnly"),
    isDeprecated: facts.isTrue("deprecated"),
    isAdvanced: facts.isTrue("x-advanced"),
  };
}

const json = (reason: string): KindOf<"json"> => ({ kind: "json", reason });

function kindOf(builder: Builder, spot: Spot, facts: Facts): Kind {
  const { layers } = facts;
  if (layers.isImpossible) return json("The schema allows nothing here.");
  if (builder.fields.size > MAX_FIELDS || spot.depth > MAX_DEPTH)
    return json("There are too many fields to show this one apart.");
  if (widgetHint(facts) === "json") return json("");
  const constant = facts.first("const");
  if (constant !== undefined) return { kind: "constant", constant };
  if (facts.options)
    return facts.options.length > 0
      ? choiceKind(facts, facts.options)
      : json("The schema lists no value that would fit all of it.");
  const type = facts.types === null ? anyType(spot) : facts.types[0];
  if (facts.types?.length === 0) return { kind: "constant", constant: null };
  if (type === undefined) return json("The schema does not say what kind of value this is.");
  const mismatch = mismatchOf(spot.value, type, facts.allowsNull);
  if (mismatch) return json(mismatch);
  if (type === "string") return textKind(facts, spot.key);
  if (type === "number" || type === "integer") return numberKind(facts, type === "integer");
  if (type === "boolean") return { kind: "boolean" };
  return type === "array" ? listKind(builder, spot, facts) : objectKind(builder, spot, facts);
}

/** An input is an object, whatever its schema leaves open; a key of one's own is what its value is. */
function anyType(spot: Spot) {
  if (spot.path === "") return "object";
  if (!spot.isExtra || spot.value === null || spot.value === undefined) return undefined;
  const type = typeOf(spot.value);
  return type === "null" ? undefined : type;
}

/** A value of another kind is shown as it is: a field for numbers cannot show a list. */
function mismatchOf(value: unknown, type: string, allowsNull: boolean): string | null {
  if (value === undefined || (value === null && allowsNull)) return null;
  const actual = typeOf(value);
  if (actual === type || (type === "integer" && actual === "number")) return null;
  return `The value is ${typeWords([actual])}; the schema asks for ${typeWords([type])}.`;
}

function listKind(builder: Builder, spot: Spot, facts: Facts): Kind {
  const { reading } = builder;
  const { layers } = facts;
  const value = Array.isArray(spot.value) ? spot.value : [];
  const fixed = tupleLength(layers);
  const bounds = {
    minItems: maxOf(facts.numbers("minItems")) ?? 0,
    maxItems: minOf([...facts.numbers("maxItems"), ...(isTupleOpen(layers) ? [] : [fixed])]),
  };
  const parts = itemParts(layers, fixed);
  const each = factsOf(bareLayers(reading, parts));
  const isUnique = facts.isTrue("uniqueItems");
  if (fixed === 0 && isUnique && each.options && each.options.length > 0 && !each.allowsNull)
    return { kind: "many", options: each.options, ...bounds };
  if (value.length > MAX_ITEMS)
    return json(
      `The list has ${value.length.toLocaleString("en")} items; up to ${MAX_ITEMS} are shown as fields.`,
    );
  const shown = Math.max(value.length, spot.value === undefined ? 0 : Math.min(fixed, MAX_ITEMS));
  const items = Array.from({ length: shown }, (_, i) =>
    build(builder, {
      ...inner(spot, i, value[i]),
      parts: itemParts(layers, i),
      isRequired: i < Math.max(fixed, value.length),
      isExtra: itemParts(layers, i).length === 0,
    }),
  );
  const kind: KindOf<"list"> = {
    kind: "list",
    items,
    fixed,
    ...bounds,
    isUnique,
    newItem: addedValue(reading, parts),
  };
  return kind;
}

function objectKind(builder: Builder, spot: Spot, facts: Facts): Kind {
  const { reading } = builder;
  const { layers } = facts;
  const value: JsonObject = isObject(spot.value) ? spot.value : {};
  const rest = restOf(reading.open, layers);
  const names = spot.absent > MAX_ABSENT_DEPTH ? [] : orderedNames(layers);
  const required = requiredNames(layers, value);
  const fields = names.map((name) =>
    build(builder, {
      ...inner(spot, name, has(value, name) ? value[name] : undefined),
      parts: memberParts(layers, name),
      isRequired: required.has(name),
    }),
  );
  const known = new Set(names);
  const others = Object.keys(value).filter((name) => !known.has(name));
  if (others.length > MAX_ENTRIES && spot.path !== "")
    return json(
      `There are ${others.length.toLocaleString("en")} entries; up to ${MAX_ENTRIES} are shown as fields.`,
    );
  for (const name of [...required, ...others]) {
    if (known.has(name)) continue;
    known.add(name);
    fields.push(
      build(builder, {
        ...inner(spot, name, has(value, name) ? value[name] : undefined),
        parts: rest.parts(name),
        isRequired: required.has(name),
        isExtra: !required.has(name),
      }),
    );
  }
  return {
    kind: "object",
    fields,
    isOpen: rest.isOpen,
    newValue: addedValue(reading, rest.parts(null)),
    keyPattern: rest.keyPattern,
    minEntries: maxOf(facts.numbers("minProperties")) ?? 0,
    maxEntries: minOf(facts.numbers("maxProperties")),
  };
}

const inner = (spot: Spot, key: string | number, value: unknown): Spot => ({
  parts: [],
  path: childPointer(spot.path, key),
  key: String(key),
  value,
  isRequired: false,
  isExtra: false,
  depth: spot.depth + 1,
  absent: spot.value === undefined ? spot.absent + 1 : 0,
});
