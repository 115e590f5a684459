import { count } from "@/lib/input-schema/issue";
import { isSchema, type Schema } from "@/lib/input-schema/keywords";
import { add, addAll, type Call, canonicalPaid, childPlace, isFull, newSeen } from "@/lib/input-schema/run";

function checkItem(call: Call, schema: Schema, index: number, item: unknown): void {
  const at = childPlace(call.at, index, schema);
  addAll(call, call.run.evaluate(call.run, schema, item, at, call.scope, newSeen(call.seen)));
  call.seen?.items.add(index);
}

const places = (n: number) => `must have at most ${count(n, "item")}`;

export function checkArray(call: Call): void {
  const { schema, value, run } = call;
  if (!Array.isArray(value)) return;
  const { minItems, maxItems } = schema;
  if (typeof minItems === "number" && value.length < minItems)
    add(
      call,
      "minItems",
      minItems === 1
        ? "must not be empty"
        : `must have at least ${count(minItems, "item")}, has ${value.length}`,
    );
  if (typeof maxItems === "number" && value.length > maxItems)
    add(call, "maxItems", `${places(maxItems)}, has ${value.length}`);

  // Draft-07 spells tuples as a list under items; nobody means anything else by it in later drafts.
  const isOldTuple = Array.isArray(schema.items);
  const tuple = isOldTuple ? schema.items : schema.prefixItems;
  const first = Array.isArray(tuple) ? (tuple as unknown[]) : [];
  const rest = isOldTuple ? schema.additionalItems : schema.items;
  for (let i = 0; i < value.length && i < first.length && !isFull(call.issues); i++) {
    const inner = first[i];
    if (isSchema(inner)) checkItem(call, inner, i, value[i]);
  }
  if (rest === false && value.length > first.length) {
    add(call, isOldTuple ? "additionalItems" : "items", `${places(first.length)}, has ${value.length}`);
  } else if (isSchema(rest)) {
    for (let i = first.length; i < value.length && !isFull(call.issues); i++)
      checkItem(call, rest, i, value[i]);
  }
  if (schema.uniqueItems === true) {
    const known = new Map<string, number>();
    for (const [i, item] of value.entries()) {
      const text = canonicalPaid(run, item);
      const earlier = known.get(text);
      known.set(text, i);
      if (earlier === undefined) continue;
      add(call, "uniqueItems", `must not repeat anything: items ${earlier + 1} and ${i + 1} are the same`);
      break;
    }
  }
  checkContains(call, value);
}

function checkContains(call: Call, items: unknown[]): void {
  const { schema, run, scope } = call;
  if (!isSchema(schema.contains)) return;
  const min = typeof schema.minContains === "number" ? schema.minContains : 1;
  const max = typeof schema.maxContains === "number" ? schema.maxContains : Number.POSITIVE_INFINITY;
  let found = 0;
  for (const [i, item] of items.entries()) {
    const at = childPlace(call.at, i);
    if (run.evaluate(run, schema.contains, item, at, scope, newSeen(call.seen)).length > 0) continue;
    found++;
    call.seen?.items.add(i);
  }
  if (found < min)
    add(
      call,
      min === 1 ? "contains" : "minContains",
      `must contain at least ${count(min, "item")} of a certain kind, has ${found}`,
    );
  if (found > max)
    add(call, "maxContains", `must contain at most ${count(max, "item")} of a certain kind, has ${found}`);
}

export function checkUnevaluatedItems(call: Call): void {
  const { schema, value, seen } = call;
  if (!Array.isArray(value) || !isSchema(schema.unevaluatedItems) || !seen) return;
  for (const [i, item] of value.entries()) {
    if (seen.items.has(i) || isFull(call.issues)) continue;
    if (schema.unevaluatedItems === false)
      add(call, "unevaluatedItems", "must not be given here", childPlace(call.at, i));
    else checkItem(call, schema.unevaluatedItems, i, item);
    seen.items.add(i);
  }
}
