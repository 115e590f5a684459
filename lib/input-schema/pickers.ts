import { type Facts, factsOf, memberParts } from "@/lib/input-schema/facts";
import type { Picker } from "@/lib/input-schema/form-field";
import { bareLayers, orderedNames } from "@/lib/input-schema/form-object";
import { typeWords } from "@/lib/input-schema/issue";
import { typeOf } from "@/lib/input-schema/json-value";
import type { Schema } from "@/lib/input-schema/keywords";
import type { Chosen, Layers, Reading } from "@/lib/input-schema/layers";

/** A member that tells branches apart stands among the first. */
const MAX_TAGS = 12;

const capital = (words: string) => words.slice(0, 1).toUpperCase() + words.slice(1);

/** A branch's name for people: its title, the constant that marks it, its kind, or its number. */
function branchLabel(reading: Reading, branch: Schema, index: number): string {
  const layers = bareLayers(reading, [branch]);
  const facts = factsOf(layers);
  const title = facts.text("title").trim();
  if (title !== "") return title.slice(0, 60);
  for (const name of orderedNames(layers).slice(0, MAX_TAGS)) {
    const member = factsOf(bareLayers(reading, memberParts(layers, name)));
    const tag =
      member.first("const") ?? (member.options?.length === 1 ? member.options[0]!.value : undefined);
    if (typeof tag === "string" && tag !== "") return tag.slice(0, 60);
  }
  const constant = facts.first("const");
  if (typeof constant === "string") return constant.slice(0, 60);
  return facts.types && facts.types.length > 0 ? capital(typeWords(facts.types)) : `Choice ${index + 1}`;
}

function distinct(labels: string[]): string[] {
  const times = new Map<string, number>();
  for (const label of labels) times.set(label, (times.get(label) ?? 0) + 1);
  return labels.map((label, i) => (times.get(label) === 1 ? label : `${label} (${i + 1})`));
}

export const branchPickers = (reading: Reading, layers: Layers): Picker[] =>
  layers.choices.map(({ id, branches, selected }) => ({
    id,
    options: distinct(branches.map((branch, i) => branchLabel(reading, branch, i))),
    selected,
  }));

/**
 * Where several types are allowed, one of them is what the field is for now: the chosen one, else that of the value, else
 * the first.
 */
export function typePicker(facts: Facts, value: unknown, path: string, chosen: Chosen): Picker | null {
  const types = facts.types ?? [];
  if (types.length < 2 || facts.options) return null;
  const id = `${path}#type`;
  const byValue = types.findIndex(
    (type) => type === typeOf(value) || (type === "integer" && Number.isInteger(value)),
  );
  const selected = Math.min(
    chosen.get(id) ?? Math.max(0, value === undefined ? 0 : byValue),
    types.length - 1,
  );
  return { id, options: types.map((type) => capital(typeWords([type]))), selected };
}
