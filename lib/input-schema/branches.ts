import type { OpenSchema } from "@/lib/input-schema/document";
import { buildForm } from "@/lib/input-schema/form";
import type { Field, Form } from "@/lib/input-schema/form-field";
import type { JsonEdit } from "@/lib/input-schema/json-edit";
import { canonical, isObject } from "@/lib/input-schema/json-value";
import type { Chosen } from "@/lib/input-schema/layers";
import { childPointer } from "@/lib/input-schema/pointer";

const plainest = (field: Field): unknown => {
  if (field.defaultValue !== undefined) return field.defaultValue;
  switch (field.kind) {
    case "constant":
      return field.constant;
    case "number":
      return field.min ?? 0;
    case "boolean":
      return false;
    case "choice":
      return field.options[0]?.value ?? null;
    case "list":
    case "many":
      return [];
    case "object":
      return {};
    case "json":
      return null;
    default:
      return "";
  }
};

const doesFit = (field: Field): boolean => field.kind !== "json" || !field.isPresent || field.reason === "";

/**
 * What choosing another branch does to the value. What both branches know stays as it is, byte for byte; what only the
 * old one knows goes; constants and required defaults of the new one come. Afterwards build the form with `chosen`.
 * @param value the input as it is now, `before` its form, built with the earlier choice
 * @returns edits for `editJsonAll`
 */
export function branchEdits(
  open: OpenSchema,
  value: unknown,
  before: Form,
  path: string,
  chosen: Chosen,
): JsonEdit[] {
  const old = before.byPath.get(path);
  const next = buildForm(open, value, chosen).byPath.get(path);
  if (!old || !next || !old.isPresent) return [];
  if (next.kind !== "object" || old.kind !== "object" || !isObject(old.value)) {
    // A value that still fits stays; else the new branch begins afresh.
    if (doesFit(next) && next.kind !== "constant" && next.kind !== "choice") return [];
    const asOf = buildForm(open, undefined, chosen).byPath.get(path) ?? next;
    return [{ op: "set", path, json: JSON.stringify(plainest(asOf)) }];
  }
  const edits: JsonEdit[] = [];
  const wanted = new Map(next.fields.filter((field) => !field.isExtra).map((field) => [field.key, field]));
  for (const field of old.fields)
    if (field.isPresent && !field.isExtra && !wanted.has(field.key))
      edits.push({ op: "remove", path: field.path });
  for (const field of wanted.values()) {
    const isConstant = field.kind === "constant";
    const isOther = isConstant && canonical(field.value) !== canonical(field.constant);
    const isMissing = !field.isPresent && (field.isRequired || field.defaultValue !== undefined);
    const isGood = field.isPresent && doesFit(field) && !isOther;
    if (isGood || !(field.isPresent || isMissing)) continue;
    if (!field.isPresent && field.defaultValue === undefined && !isConstant) continue;
    edits.push({ op: "set", path: childPointer(path, field.key), json: JSON.stringify(plainest(field)) });
  }
  return edits;
}
