import type { Schema } from "@/lib/input-schema/keywords";

/**
 * Schemas as people have them, each about one thing.
 * @property outline the form for the first good value, as `outlineOf` writes it; without the first line where that is
 *   a plain object
 * @property bad values that do not fit, with the place and the keyword of the first error
 */
export type Fixture = {
  name: string;
  schema: Schema;
  outline: string[];
  good: unknown[];
  bad: [value: unknown, where: string][];
};

export const DRAFT_07 = "http://json-schema.org/draft-07/schema#";
export const of = (properties: Record<string, unknown>, more: Record<string, unknown> = {}): Schema => ({
  type: "object",
  properties,
  ...more,
});
