import type { OpenSchema } from "@/lib/input-schema/document";
import type { Issue } from "@/lib/input-schema/issue";
import { canonical, isObject } from "@/lib/input-schema/json-value";
import type { Schema } from "@/lib/input-schema/keywords";
import { childPointer } from "@/lib/input-schema/pointer";
import type { Resource } from "@/lib/input-schema/resources";
import { spend, type Work, WorkSpent } from "@/lib/input-schema/work";

/** One validation under way. */
export type Run = {
  open: OpenSchema;
  work: Work;
  checksFormats: boolean;
  /** What could not be checked, in sentences. */
  unchecked: Set<string>;
  evaluate: Evaluate;
};

/** The resources that were entered on the way to a schema, innermost first: what `$dynamicRef` looks through. */
export type Scope = { resource: Resource; outer: Scope | null };

/** The part of the value that is looked at. */
export type Place = {
  path: string;
  label: string;
  /** A title was met already; the titles of shared definitions and of branches do not replace it. */
  isTitled: boolean;
  depth: number;
};

/** What of the value at hand has been looked at by schemas that it fits; null where nobody asks. */
export type Seen = { names: Set<string>; items: Set<number> } | null;

export type Evaluate = (
  run: Run,
  schema: Schema,
  value: unknown,
  at: Place,
  scope: Scope,
  seen: Seen,
) => Issue[];

/** What a keyword's check is given. */
export type Call = {
  run: Run;
  schema: { [keyword: string]: unknown };
  value: unknown;
  at: Place;
  scope: Scope;
  seen: Seen;
  issues: Issue[];
};

/** More are of no use to a person, and each costs memory. */
export const MAX_ISSUES = 50;
export const isFull = (issues: readonly Issue[]): boolean => issues.length >= MAX_ISSUES;

/** Finding words costs more than finding out. */
const ISSUE_WORK = 30;

export const add = (call: Call, keyword: string, message: string, at: Place = call.at): void => {
  spend(call.run.work, ISSUE_WORK);
  call.issues.push({ path: at.path, keyword, label: at.label, message });
};

export const addAll = (call: Call, issues: readonly Issue[]): void => {
  for (const issue of issues.slice(0, MAX_ISSUES - call.issues.length)) call.issues.push(issue);
};

/** @param schema of the child, if known, for its title */
export function childPlace(at: Place, key: string | number, schema?: unknown): Place {
  const title = isObject(schema) && typeof schema.title === "string" ? schema.title.trim() : "";
  const own = typeof key === "number" ? `${at.depth === 0 ? "" : `${at.label}: `}item ${key + 1}` : key;
  return {
    path: childPointer(at.path, key),
    label: (title || own).slice(0, 120),
    isTitled: title !== "",
    depth: at.depth + 1,
  };
}

export const newSeen = (seen: Seen): Seen => (seen ? { names: new Set(), items: new Set() } : null);

export function mergeSeen(into: Seen, from: Seen): void {
  if (!into || !from) return;
  for (const name of from.names) into.names.add(name);
  for (const item of from.items) into.items.add(item);
}

/** Ask a schema about the same value. What it has looked at counts only when the value fits it. */
export function ask(call: Call, schema: Schema, at: Place = call.at): { issues: Issue[]; seen: Seen } {
  const seen = newSeen(call.seen);
  const issues = call.run.evaluate(call.run, schema, call.value, at, call.scope, seen);
  return { issues, seen: issues.length === 0 ? seen : newSeen(call.seen) };
}

/** Deeper values are not compared: it takes stack. */
const MAX_COMPARED_DEPTH = 500;

/** Canonical text of a value, paid for by its size. */
export function canonicalPaid(run: Run, value: unknown): string {
  const stack: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const now = next.value;
    spend(run.work, typeof now === "string" ? 8 + (now.length >> 6) : 8);
    if (typeof now !== "object" || now === null) continue;
    if (next.depth > MAX_COMPARED_DEPTH) throw new WorkSpent();
    for (const inner of Object.values(now)) stack.push({ value: inner, depth: next.depth + 1 });
  }
  return canonical(value);
}
