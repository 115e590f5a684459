import { has, isObject, type JsonObject } from "@/lib/input-schema/json-value";
import { isSchema, type Schema, subschemas } from "@/lib/input-schema/keywords";
import { pointerParts } from "@/lib/input-schema/pointer";

/** A schema with an address of its own, and the names given inside of it. */
export type Resource = {
  uri: string;
  root: Schema;
  anchors: Map<string, Schema>;
  dynamicAnchors: Map<string, Schema>;
};
export type FoundSchema =
  | { ok: true; schema: Schema; home: Resource; anchor: string | null }
  | { ok: false; message: string };

export type Resources = {
  /** The resource that a schema lies in: what its references are relative to. */
  homeOf: (schema: Schema) => Resource;
  find: (reference: string, from: Resource) => FoundSchema;
  /** In draft-07 a `$ref` stands alone: what is written beside it does not count. */
  ignoresSiblings: (schema: JsonObject) => boolean;
  /** All schemas that can come to be asked. */
  reached: ReadonlySet<Schema>;
};

/** Addresses without one of their own get this; nobody can fetch it. */
const ROOT_URI = "schema://local/";

function resolveUri(reference: string, base: string): string | null {
  if (reference.startsWith("#")) return base.replace(/#.*$/s, "") + reference;
  try {
    return new URL(reference, base).href;
  } catch {
    return null;
  }
}

const splitUri = (uri: string): { address: string; fragment: string } => {
  const at = uri.indexOf("#");
  return at === -1
    ? { address: uri, fragment: "" }
    : { address: uri.slice(0, at), fragment: uri.slice(at + 1) };
};

export function createResources(
  root: Schema,
  draft: "2020-12" | "draft-07",
  documents: ReadonlyMap<string, Schema>,
): Resources {
  const byAddress = new Map<string, Resource>();
  const homes = new Map<Schema, Resource>();
  const answers = new Map<Resource, Map<string, FoundSchema>>();
  const ignoresSiblings = (schema: JsonObject) => draft === "draft-07" && typeof schema.$ref === "string";

  const newResource = (uri: string, schema: Schema): Resource => {
    const resource = { uri, root: schema, anchors: new Map(), dynamicAnchors: new Map() };
    if (!byAddress.has(uri)) byAddress.set(uri, resource);
    return resource;
  };

  /** Note where every schema inside lies, and under which names. Without recursion: schemas nest as deep as they like. */
  const index = (start: Schema, home: Resource): void => {
    const queue: [Schema, Resource][] = [[start, home]];
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [schema, outer] = next;
      if (typeof schema === "boolean" || homes.has(schema)) continue;
      let own = outer;
      const id = ignoresSiblings(schema) ? undefined : schema.$id;
      if (typeof id === "string") {
        const uri = resolveUri(id, outer.uri);
        const { address, fragment } = splitUri(uri ?? outer.uri);
        if (draft === "draft-07" && id.startsWith("#")) outer.anchors.set(fragment, schema);
        else if (uri !== null && (address !== outer.uri || outer.root !== schema)) {
          own = newResource(address, schema);
          if (draft === "draft-07" && fragment !== "") own.anchors.set(fragment, schema);
        }
      }
      if (draft === "2020-12") {
        const { $anchor, $dynamicAnchor } = schema;
        if (typeof $anchor === "string") own.anchors.set($anchor, schema);
        if (typeof $dynamicAnchor === "string") {
          own.anchors.set($dynamicAnchor, schema);
          own.dynamicAnchors.set($dynamicAnchor, schema);
        }
      }
      homes.set(schema, own);
      for (const inner of subschemas(schema)) queue.push([inner.schema, own]);
    }
  };

  const rootResource = newResource(ROOT_URI, root);
  index(root, rootResource);
  for (const [uri, document] of documents) index(document, newResource(uri, document));
  const homeOf = (schema: Schema) => homes.get(schema) ?? rootResource;

  /** Follow a pointer, noting where an own address begins on the way. */
  const follow = (resource: Resource, pointer: string): { schema: Schema; home: Resource } | null => {
    let at: unknown = resource.root;
    let home = resource;
    for (const part of pointerParts(pointer)) {
      if (Array.isArray(at)) at = /^\d+$/.test(part) ? at[Number(part)] : undefined;
      else if (isObject(at) && has(at, part)) at = at[part];
      else return null;
      if (isObject(at)) home = homes.get(at) ?? home;
    }
    if (!isSchema(at)) return null;
    index(at, home); // a pointer may lead to where schemas are not looked for
    return { schema: at, home: homes.get(at) ?? home };
  };

  const search = (reference: string, from: Resource): FoundSchema => {
    const uri = resolveUri(reference, from.uri);
    const shown = reference.length > 80 ? `${reference.slice(0, 80)}…` : reference;
    if (uri === null) return { ok: false, message: `The schema refers to ${shown}, which is no address.` };
    const { address, fragment } = splitUri(uri);
    const resource = byAddress.get(address);
    if (!resource)
      return {
        ok: false,
        message: `The schema refers to another document, ${shown}. Other documents are never fetched: put what it needs under $defs.`,
      };
    let name = fragment;
    try {
      name = decodeURIComponent(fragment);
    } catch {
      // a stray percent sign stands for itself
    }
    const missing = {
      ok: false as const,
      message: `The schema refers to ${shown}, which is not in it.`,
    };
    if (name === "")
      return { ok: true, schema: resource.root, home: homes.get(resource.root) ?? resource, anchor: null };
    if (name.startsWith("/")) {
      const found = follow(resource, name);
      return found ? { ok: true, ...found, anchor: null } : missing;
    }
    const anchored = resource.anchors.get(name);
    return anchored === undefined
      ? missing
      : { ok: true, schema: anchored, home: homes.get(anchored) ?? resource, anchor: name };
  };

  const find = (reference: string, from: Resource): FoundSchema => {
    let known = answers.get(from);
    if (!known) {
      known = new Map();
      answers.set(from, known);
    }
    const answer = known.get(reference) ?? search(reference, from);
    known.set(reference, answer);
    return answer;
  };

  return { homeOf, find, ignoresSiblings, reached: new Set() };
}
