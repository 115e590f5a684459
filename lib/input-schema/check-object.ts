import { fitsPattern } from "@/lib/input-schema/check-scalar";
import { count } from "@/lib/input-schema/issue";
import { has, isObject, type JsonObject, member } from "@/lib/input-schema/json-value";
import { isSchema, type Schema } from "@/lib/input-schema/keywords";
import { add, addAll, ask, type Call, childPlace, isFull, mergeSeen, newSeen } from "@/lib/input-schema/run";

const textList = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

function checkMember(call: Call, schema: Schema, name: string, value: unknown): void {
  const at = childPlace(call.at, name, schema);
  addAll(call, call.run.evaluate(call.run, schema, value, at, call.scope, newSeen(call.seen)));
}

const UNKNOWN = "is not a known field here";

export function checkObject(call: Call): void {
  const { schema, value, seen } = call;
  if (!isObject(value)) return;
  const names = Object.keys(value);
  checkRequired(call, value, names);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const patterns = isObject(schema.patternProperties) ? Object.entries(schema.patternProperties) : [];
  const rest = isSchema(schema.additionalProperties) ? schema.additionalProperties : undefined;

  for (const name of Object.keys(properties)) {
    const inner = properties[name];
    if (isFull(call.issues)) return;
    if (!has(value, name) || !isSchema(inner)) continue;
    if (inner === false) add(call, "properties", "must not be given here", childPlace(call.at, name));
    else checkMember(call, inner, name, value[name]);
    seen?.names.add(name);
  }
  if (patterns.length === 0 && rest === undefined && schema.propertyNames === undefined) return;
  for (const name of names) {
    if (isFull(call.issues)) return;
    let isKnown = has(properties, name);
    for (const [source, inner] of patterns) {
      if (!isSchema(inner) || fitsPattern(call, source, name) !== true) continue;
      isKnown = true;
      if (inner === false) add(call, "patternProperties", UNKNOWN, childPlace(call.at, name));
      else checkMember(call, inner, name, value[name]);
      seen?.names.add(name);
    }
    if (!isKnown && rest !== undefined) {
      if (rest === false) add(call, "additionalProperties", UNKNOWN, childPlace(call.at, name));
      else checkMember(call, rest, name, value[name]);
      seen?.names.add(name);
    }
    checkName(call, name);
  }
}

function checkName(call: Call, name: string): void {
  const { run, schema, at, scope } = call;
  if (!isSchema(schema.propertyNames)) return;
  const place = childPlace(at, name);
  const [first] = run.evaluate(
    run,
    schema.propertyNames,
    name,
    { ...place, label: "its name" },
    scope,
    newSeen(call.seen),
  );
  if (first) add(call, "propertyNames", `has a name that does not fit: it ${first.message}`, place);
}

/** The title that the schema gives to a member, wherever it names it. */
const titled = (schema: JsonObject, name: string) => member(schema.properties, name);

function checkRequired(call: Call, value: JsonObject, names: string[]): void {
  const { schema } = call;
  for (const name of textList(schema.required)) {
    if (isFull(call.issues)) return;
    if (!has(value, name))
      add(call, "required", "is required", childPlace(call.at, name, titled(schema, name)));
  }
  const { minProperties, maxProperties } = schema;
  if (typeof minProperties === "number" && names.length < minProperties)
    add(
      call,
      "minProperties",
      `must have at least ${count(minProperties, "entry", "entries")}, has ${names.length}`,
    );
  if (typeof maxProperties === "number" && names.length > maxProperties)
    add(
      call,
      "maxProperties",
      `must have at most ${count(maxProperties, "entry", "entries")}, has ${names.length}`,
    );
}

/** dependentRequired, dependentSchemas, and draft-07's dependencies, which is both in one. */
export function checkDependent(call: Call): void {
  const { schema, value } = call;
  if (!isObject(value)) return;
  for (const keyword of ["dependentRequired", "dependentSchemas", "dependencies"]) {
    const map = schema[keyword];
    if (!isObject(map)) continue;
    for (const name of Object.keys(map)) {
      const wanted = map[name];
      if (!has(value, name)) continue;
      if (Array.isArray(wanted) && keyword !== "dependentSchemas") {
        const given = childPlace(call.at, name, titled(schema, name)).label;
        for (const other of textList(wanted))
          if (!has(value, other) && !isFull(call.issues))
            add(
              call,
              keyword,
              `is required when ${given} is given`,
              childPlace(call.at, other, titled(schema, other)),
            );
      } else if (isSchema(wanted) && keyword !== "dependentRequired") {
        if (wanted === false) add(call, keyword, "must not be given here", childPlace(call.at, name));
        const { issues, seen } = ask(call, wanted);
        if (wanted !== false) addAll(call, issues);
        mergeSeen(call.seen, seen);
      }
    }
  }
}

/** After everything else of a schema: it asks what all of them have looked at. */
export function checkUnevaluatedNames(call: Call): void {
  const { schema, value, seen } = call;
  if (!isObject(value) || !isSchema(schema.unevaluatedProperties) || !seen) return;
  for (const name of Object.keys(value)) {
    if (seen.names.has(name) || isFull(call.issues)) continue;
    if (schema.unevaluatedProperties === false)
      add(call, "unevaluatedProperties", UNKNOWN, childPlace(call.at, name));
    else checkMember(call, schema.unevaluatedProperties, name, value[name]);
    seen.names.add(name);
  }
}
