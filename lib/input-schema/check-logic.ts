import { closestIssues } from "@/lib/input-schema/closest";
import { listWords, show, typeWords } from "@/lib/input-schema/issue";
import { isObject } from "@/lib/input-schema/json-value";
import { isSchema, type Schema } from "@/lib/input-schema/keywords";
import { add, addAll, ask, type Call, mergeSeen, type Scope } from "@/lib/input-schema/run";

const schemaList = (value: unknown): Schema[] => (Array.isArray(value) ? value.filter(isSchema) : []);

const titleOf = (schema: Schema, index: number): string =>
  isObject(schema) && typeof schema.title === "string" && schema.title !== ""
    ? schema.title.slice(0, 60)
    : `choice ${index + 1}`;

export function checkLogic(call: Call): void {
  const { schema } = call;
  for (const part of schemaList(schema.allOf)) {
    const { issues, seen } = ask(call, part);
    addAll(call, issues);
    mergeSeen(call.seen, seen);
  }
  checkChoice(call, "anyOf");
  checkChoice(call, "oneOf");
  if (isSchema(schema.not)) checkNot(call, schema.not);
  if (isSchema(schema.if)) {
    const condition = ask(call, schema.if);
    mergeSeen(call.seen, condition.seen);
    const next = condition.issues.length === 0 ? schema.then : schema.else;
    if (isSchema(next)) {
      const { issues, seen } = ask(call, next);
      addAll(call, issues);
      mergeSeen(call.seen, seen);
    }
  }
}

function checkChoice(call: Call, keyword: "anyOf" | "oneOf"): void {
  const branches = schemaList(call.schema[keyword]);
  if (branches.length === 0) return;
  // A branch's title names the choice, not the field.
  const at = { ...call.at, isTitled: true };
  const failed = [];
  const fitting: number[] = [];
  for (const [i, branch] of branches.entries()) {
    const { issues, seen } = ask(call, branch, at);
    if (issues.length > 0) failed.push({ branch, issues });
    else {
      fitting.push(i);
      mergeSeen(call.seen, seen);
      // Nothing that another branch has looked at would be asked for.
      if (keyword === "anyOf" && !call.seen) return;
    }
  }
  if (fitting.length === 0) addAll(call, closestIssues(call, keyword, failed));
  else if (keyword === "oneOf" && fitting.length > 1)
    add(
      call,
      "oneOf",
      `fits ${listWords(fitting.map((i) => titleOf(branches[i]!, i))).replace(/ or (?=[^,]*$)/, " and ")} at once; exactly one may fit`,
    );
}

function checkNot(call: Call, schema: Schema): void {
  if (ask(call, schema).issues.length > 0) return;
  const inner = isObject(schema) ? schema : {};
  const [name] = Array.isArray(inner.required) ? inner.required : [];
  const words =
    Object.hasOwn(inner, "const") || Array.isArray(inner.enum)
      ? `must not be ${show(call.value)}`
      : typeof inner.type === "string"
        ? `must not be ${typeWords([inner.type])}`
        : typeof name === "string" && isObject(call.value)
          ? `must not have ${listWords(inner.required as string[]).replace(" or ", " and ")}`
          : typeof inner.pattern === "string"
            ? `must not match the pattern ${inner.pattern.slice(0, 80)}`
            : "is something that is not allowed here";
  add(call, "not", words);
}

export function checkReferences(call: Call): void {
  const { run, schema, scope } = call;
  const { resources } = run.open;
  for (const keyword of ["$ref", "$dynamicRef"] as const) {
    const reference = schema[keyword];
    if (typeof reference !== "string") continue;
    const found = resources.find(reference, scope.resource);
    if (!found.ok) continue; // refused when the schema was opened
    let { schema: target, home } = found;
    if (
      keyword === "$dynamicRef" &&
      found.anchor !== null &&
      home.dynamicAnchors.get(found.anchor) === target
    ) {
      for (let at: Scope | null = scope; at; at = at.outer) {
        const outer = at.resource.dynamicAnchors.get(found.anchor);
        if (outer !== undefined) [target, home] = [outer, at.resource];
      }
    }
    const inner = home === scope.resource ? scope : { resource: home, outer: scope };
    const { issues, seen } = ask({ ...call, scope: inner }, target);
    addAll(call, issues);
    mergeSeen(call.seen, seen);
  }
}
