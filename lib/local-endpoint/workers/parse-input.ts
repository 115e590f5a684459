import type { z } from "zod";
import { HandlerRefusal } from "@/lib/local-endpoint/workers/handler";

/**
 * Parse a job's input or refuse it in one sentence per field, for example
 * `temperature: must be at most 2 (got 7)`.
 * @throws HandlerRefusal
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, name = "input"): z.output<S> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map((issue) => {
    const field = issue.path.length > 0 ? issue.path.join(".") : name;
    return `${field}: ${issue.message}${shown(issue.input)}`;
  });
  throw new HandlerRefusal(`The ${name} was not accepted. ${sentences.join("; ")}.`);
}

/** Short values are shown beside the rule that they broke; long ones would bury it. */
function shown(value: unknown): string {
  const text = value === undefined ? undefined : JSON.stringify(value);
  return text && text.length <= 60 ? ` (got ${text})` : "";
}
