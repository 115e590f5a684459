import { checkArray, checkUnevaluatedItems } from "@/lib/input-schema/check-array";
import { checkLogic, checkReferences } from "@/lib/input-schema/check-logic";
import { checkDependent, checkObject, checkUnevaluatedNames } from "@/lib/input-schema/check-object";
import { checkEnum, checkNumber, checkText, checkType } from "@/lib/input-schema/check-scalar";
import type { OpenSchema } from "@/lib/input-schema/document";
import type { Issue } from "@/lib/input-schema/issue";
import type { Schema } from "@/lib/input-schema/keywords";
import { type Call, type Evaluate, MAX_ISSUES, type Place, type Run } from "@/lib/input-schema/run";
import { spend, type Work, WorkSpent } from "@/lib/input-schema/work";

export type Validation = {
  /** At most 50, in the schema's order. Empty when nothing is known to be wrong. */
  issues: Issue[];
  /** What could not be checked within the bounds, in sentences. Nothing to block sending for: the worker decides. */
  unchecked: string[];
};

/** Steps; ten of them take about a microsecond. */
const MAX_WORK = 350_000;
/** Schemas within schemas that look at one value; the JavaScript stack holds more than twice as many. */
const MAX_DEPTH = 400;

/**
 * Judge a value by a schema: the same words in the browser and on the server. Bounded in time and in memory whatever the
 * schema and the value are; what the bounds leave out is said in `unchecked`.
 * @param value as JSON.parse gives it
 * @param options.checksFormats false to take `format` as a mere hint, as the specification allows
 */
export function validate(
  open: OpenSchema,
  value: unknown,
  options: { checksFormats?: boolean; label?: string } = {},
): Validation {
  const run = newRun(open, { left: MAX_WORK }, options.checksFormats ?? true);
  let issues: Issue[] = [];
  try {
    issues = judge(run, value, options.label ?? "The input");
  } catch (error) {
    if (!(error instanceof WorkSpent)) throw error;
    run.unchecked.add("The input is too large, or its schema too tangled, to be checked here to the end.");
  }
  return { issues: issues.slice(0, MAX_ISSUES), unchecked: [...run.unchecked] };
}

const newRun = (open: OpenSchema, work: Work, checksFormats: boolean): Run => ({
  open,
  work,
  checksFormats,
  unchecked: new Set(),
  evaluate,
});

function judge(run: Run, value: unknown, label: string): Issue[] {
  const { open } = run;
  nesting = 0;
  const at: Place = { path: "", label, isTitled: true, depth: 0 };
  const scope = { resource: open.resources.homeOf(open.root), outer: null };
  const seen = open.usesUnevaluated ? { names: new Set<string>(), items: new Set<number>() } : null;
  return evaluate(run, open.root, value, at, scope, seen);
}

/**
 * What is wrong with a value by one schema inside of an opened one, for choosing between branches.
 * @throws WorkSpent
 */
export function judgePart(open: OpenSchema, schema: Schema, value: unknown, work: Work): Issue[] {
  spend(work, 4 * STEPS);
  return judge(newRun({ ...open, root: schema }, work, false), value, "");
}

/** Of the one evaluation that is under way: this file is synchronous throughout. */
let nesting = 0;

const STEPS = 10;

const evaluate: Evaluate = (run, schema, value, at, scope, seen): Issue[] => {
  spend(run.work, STEPS);
  if (schema === true) return [];
  if (schema === false)
    return [{ path: at.path, keyword: "false", label: at.label, message: "is not allowed here" }];
  if (nesting >= MAX_DEPTH) {
    run.unchecked.add("The input is nested too deeply to be checked to the bottom.");
    return [];
  }
  nesting++;
  const home = run.open.resources.homeOf(schema);
  const title = typeof schema.title === "string" && !at.isTitled ? schema.title.trim() : "";
  const call: Call = {
    run,
    schema,
    value,
    at: title === "" ? at : { ...at, label: title.slice(0, 120), isTitled: true },
    scope: home === scope.resource ? scope : { resource: home, outer: scope },
    // What other schemas have looked at is not this one's: it sees what its own keywords look at.
    seen,
    issues: [],
  };
  checkReferences(call);
  if (!run.open.resources.ignoresSiblings(schema)) checkKeywords(call);
  nesting--;
  return call.issues;
};

function checkKeywords(call: Call): void {
  const { value } = call;
  checkType(call);
  checkEnum(call);
  if (typeof value === "number") checkNumber(call);
  else if (typeof value === "string") checkText(call);
  else if (Array.isArray(value)) checkArray(call);
  else if (value !== null && typeof value === "object") {
    checkObject(call);
    checkDependent(call);
  }
  checkLogic(call);
  checkUnevaluatedItems(call);
  checkUnevaluatedNames(call);
}
