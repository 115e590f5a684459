import { openSchema } from "@/lib/input-schema/document";
import { buildForm } from "@/lib/input-schema/form";
import { importSchema } from "@/lib/input-schema/schema-import";
import { startingValue } from "@/lib/input-schema/starting-value";
import { outlineOf } from "@/lib/input-schema/testing-outline";

/** A schema as it is taken over, with the form that comes of it. */
export function taken(source: unknown) {
  const read = importSchema(typeof source === "string" ? source : JSON.stringify(source));
  if (!read.ok) throw new Error(read.message);
  const opened = openSchema(read.schema);
  if (!opened.ok) throw new Error(opened.message);
  const start = startingValue(opened.schema);
  return {
    ...read,
    open: opened.schema,
    start,
    outline: outlineOf(buildForm(opened.schema, start)).slice(1),
  };
}
export const refusal = (text: string) => {
  const read = importSchema(text);
  return read.ok ? `taken from ${read.source}` : read.message;
};
