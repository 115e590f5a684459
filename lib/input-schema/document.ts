import { isObject, type JsonObject, member } from "@/lib/input-schema/json-value";
import { isSchema, type Schema, shapeFault, subschemas } from "@/lib/input-schema/keywords";
import { PATTERN_ROOM, type Pattern, type ReadPattern, readPattern } from "@/lib/input-schema/pattern";
import { toPointer } from "@/lib/input-schema/pointer";
import { createResources, type Resources } from "@/lib/input-schema/resources";

export type Draft = "2020-12" | "draft-07";

/** A schema that was looked through once: bounded, its references known to lead somewhere. It holds no effects. */
export type OpenSchema = {
  root: Schema;
  draft: Draft;
  resources: Resources;
  /** Null for a pattern that cannot be checked. */
  pattern: (source: string) => Pattern | null;
  /** Whether anything in it asks what its neighbours have looked at; most schemas do not, and are checked faster. */
  usesUnevaluated: boolean;
  /** What is odd about it and was left aside, in sentences for whoever wrote it. */
  notices: string[];
};
export type OpenedSchema = { ok: true; schema: OpenSchema } | { ok: false; message: string };

/** Characters. Reading a longer schema would be felt as a pause. */
export const MAX_SCHEMA_LENGTH = 512 * 1024;
const MAX_DEPTH = 120;
const MAX_VALUES = 60_000;
const MAX_SCHEMAS = 3_000;
const MAX_NOTICES = 30;

const refused = (message: string): OpenedSchema => ({ ok: false, message });

/** Counts without recursion, because depth is what is being measured. */
function sizeFault(root: unknown): string | null {
  const stack: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  let values = 0;
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (++values > MAX_VALUES)
      return `The schema holds more than ${MAX_VALUES.toLocaleString("en")} values, which is more than a form can show.`;
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth > MAX_DEPTH) return `The schema is nested more than ${MAX_DEPTH} levels deep.`;
    const inner = Array.isArray(next.value) ? next.value : Object.values(next.value);
    if (values + stack.length + inner.length > MAX_VALUES * 2)
      return `The schema holds more than ${MAX_VALUES.toLocaleString("en")} values, which is more than a form can show.`;
    for (const value of inner) stack.push({ value, depth: next.depth + 1 });
  }
  return null;
}

const draftOf = (root: Schema): Draft => {
  const named = member(root, "$schema");
  return typeof named === "string" && /draft-0[3-7]/.test(named) ? "draft-07" : "2020-12";
};

/** Read a schema from text that a person wrote or pasted. */
export function openSchemaText(text: string): OpenedSchema {
  if (text.length > MAX_SCHEMA_LENGTH)
    return refused(
      `The schema is ${Math.ceil(text.length / 1024)} kB long; up to ${MAX_SCHEMA_LENGTH / 1024} kB are read.`,
    );
  try {
    return openSchema(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return refused("The schema is not valid JSON.");
    throw error;
  }
}

/**
 * Look a schema through: bounds, references, patterns, the shape of its keywords. Everything else in this room takes
 * what comes out of here. Takes below 50 ms, by refusing what would take longer.
 * @param options.documents further documents that `$ref` may name, by their address. Nothing is ever fetched.
 */
export function openSchema(
  root: unknown,
  options: { draft?: Draft; documents?: ReadonlyMap<string, Schema> } = {},
): OpenedSchema {
  if (!isSchema(root)) return refused("A schema is a JSON object, or true or false.");
  const tooBig = sizeFault(root);
  if (tooBig) return refused(tooBig);
  const draft = options.draft ?? draftOf(root);
  const resources = createResources(root, draft, options.documents ?? new Map());
  const room = { left: PATTERN_ROOM };
  const patterns = new Map<string, ReadPattern>();
  const notices: string[] = [];
  const notice = (words: string) => {
    if (notices.length < MAX_NOTICES && !notices.includes(words)) notices.push(words);
  };
  const readOnce = (source: string): ReadPattern => {
    const known = patterns.get(source);
    if (known) return known;
    const read = readPattern(source, room);
    patterns.set(source, read);
    return read;
  };
  let usesUnevaluated = false;

  const lookAt = (schema: JsonObject, path: string[]) => {
    const place = path.length === 0 ? "the top" : toPointer(path);
    for (const keyword of Object.keys(schema)) {
      const value = schema[keyword];
      const expected = shapeFault(keyword, value);
      if (expected) notice(`${keyword} at ${place} should be ${expected}; it is left aside.`);
      else if (keyword === "unevaluatedItems" || keyword === "unevaluatedProperties") usesUnevaluated = true;
      const sources =
        keyword === "pattern"
          ? [value]
          : keyword === "patternProperties" && isObject(value)
            ? Object.keys(value)
            : [];
      for (const source of sources) {
        const read = typeof source === "string" ? readOnce(source) : null;
        if (read && !read.ok)
          notice(`The pattern at ${place} ${read.message}. It is not checked here, only by the worker.`);
      }
    }
  };

  const failure = lookThrough(root, resources, lookAt) ?? findLoop(resources);
  if (failure) return refused(failure);
  const pattern = (source: string): Pattern | null => {
    const read = readOnce(source);
    return read.ok ? read.pattern : null;
  };
  return { ok: true, schema: { root, draft, resources, pattern, usesUnevaluated, notices } };
}

/** Visit all schemas that can be reached, through references too. @returns why the schema cannot be used */
function lookThrough(
  root: Schema,
  resources: Resources,
  lookAt: (schema: JsonObject, path: string[]) => void,
): string | null {
  const seen = new Set<Schema>();
  const queue: { schema: Schema; path: string[] }[] = [{ schema: root, path: [] }];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { schema, path } = next;
    if (typeof schema === "boolean" || seen.has(schema)) continue;
    seen.add(schema);
    if (seen.size > MAX_SCHEMAS)
      return `The schema describes more than ${MAX_SCHEMAS.toLocaleString("en")} things, which is more than a form can show.`;
    lookAt(schema, path);
    for (const keyword of ["$ref", "$dynamicRef"]) {
      const reference = schema[keyword];
      if (typeof reference !== "string") continue;
      const found = resources.find(reference, resources.homeOf(schema));
      if (!found.ok) return found.message;
      queue.push({ schema: found.schema, path: [reference] });
    }
    if (!resources.ignoresSiblings(schema))
      for (const inner of subschemas(schema))
        queue.push({ schema: inner.schema, path: [...path, ...inner.path] });
  }
  resources.reached = seen;
  return null;
}

/** A schema that asks itself about the same value never comes to an answer. */
function findLoop(resources: Resources): string | null {
  const done = new Set<Schema>();
  const open = new Set<Schema>();
  const sameValue = (schema: JsonObject): Schema[] => {
    const inner = resources.ignoresSiblings(schema)
      ? []
      : subschemas(schema)
          .filter((s) => s.isSameValue)
          .map((s) => s.schema);
    const target =
      typeof schema.$ref === "string" ? resources.find(schema.$ref, resources.homeOf(schema)) : null;
    return target?.ok ? [...inner, target.schema] : inner;
  };
  for (const start of resources.reached) {
    const stack: { schema: Schema; rest: Schema[] | null }[] = [{ schema: start, rest: null }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const { schema } = top;
      if (top.rest === null) {
        if (typeof schema === "boolean" || done.has(schema)) {
          stack.pop();
          continue;
        }
        if (open.has(schema)) return "The schema refers to itself without end, so nothing could ever fit it.";
        open.add(schema);
        top.rest = sameValue(schema);
      }
      const next = top.rest.pop();
      if (next !== undefined) stack.push({ schema: next, rest: null });
      else {
        open.delete(schema);
        done.add(schema);
        stack.pop();
      }
    }
  }
  return null;
}
