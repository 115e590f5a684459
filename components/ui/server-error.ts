import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import type { PublicError } from "@/lib/kernel/errors";

/**
 * Puts an action's field messages on the form's own fields and moves the focus to the first of them. What belongs to no
 * field becomes the form's message (`errors.root.server`).
 */
export function showServerError<V extends FieldValues, C, T>(
  form: UseFormReturn<V, C, T>,
  error: PublicError,
): void {
  const fields = Object.entries(error.fields ?? {});
  const mine = fields.filter(([name]) => name.split(".")[0]! in form.getValues());
  for (const [index, [name, message]] of mine.entries())
    form.setError(name as Path<V>, { message }, { shouldFocus: index === 0 });
  if (mine.length === 0) form.setError("root.server", { message: error.message });
}
