import { type Issue, listWords, show, typeWords } from "@/lib/input-schema/issue";
import { isObject, typeOf } from "@/lib/input-schema/json-value";
import type { Schema } from "@/lib/input-schema/keywords";
import type { Call } from "@/lib/input-schema/run";
import { spend } from "@/lib/input-schema/work";

type Failed = { branch: Schema; issues: Issue[] };

const OTHER_KIND = 10_000;
const OTHER_CHOICE = 100;
const SURPLUS = 3;

/** How far the value is from a branch. Being of another kind altogether weighs most, then being tagged as another one. */
export function distanceOf(issues: readonly Issue[], here: string): number {
  let sum = 0;
  for (const { path, keyword } of issues) {
    const isHere = path === here;
    if (isHere && (keyword === "type" || keyword === "false")) sum += OTHER_KIND;
    else if (keyword === "const" || keyword === "enum") sum += isHere ? 2 * OTHER_CHOICE : OTHER_CHOICE;
    else if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") sum += SURPLUS;
    else sum += 1;
  }
  return sum;
}

const typesOf = (schema: Schema): string[] => {
  const type = isObject(schema) ? schema.type : undefined;
  return (Array.isArray(type) ? type : [type]).filter((name): name is string => typeof name === "string");
};

/** Of a choice that nothing fits: what is wrong with the branch that was most likely meant. */
export function closestIssues(call: Call, keyword: string, failed: readonly Failed[]): Issue[] {
  const { at, value } = call;
  spend(call.run.work, 40 * failed.length);
  const ranked = failed
    .map((one) => ({ ...one, distance: distanceOf(one.issues, at.path) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (!best) return [];
  const here = (words: string): Issue[] => [{ path: at.path, keyword, label: at.label, message: words }];
  if (best.distance >= OTHER_KIND) {
    const types = [...new Set(failed.flatMap(({ branch }) => typesOf(branch)))];
    const isObvious = typeof value === "object" && value !== null;
    if (types.length > 0)
      return here(`must be ${typeWords(types)}, is ${isObvious ? typeWords([typeOf(value)]) : show(value)}`);
  }
  const isConstants = failed.every(({ branch }) => isObject(branch) && Object.hasOwn(branch, "const"));
  if (isConstants)
    return here(
      `must be one of ${listWords(failed.map(({ branch }) => show((branch as { const: unknown }).const)))}, is ${show(value)}`,
    );
  return best.issues;
}
