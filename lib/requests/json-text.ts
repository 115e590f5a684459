import { findJsonExcess } from "@/lib/requests/json-excess";
import { findJsonFault, lineAndColumn } from "@/lib/requests/json-fault";

export type ReadJson = { ok: true; value: Record<string, unknown> } | { ok: false; message: string };

function describeFault(text: string): string {
  const fault = findJsonFault(text);
  if (!fault) return "The input is not valid JSON.";
  const { line, column } = lineAndColumn(text, fault.offset);
  return `The input is not valid JSON: expected ${fault.expected} at line ${line}, column ${column}.`;
}

/** Parse the text of an input: an object, or a sentence that says what is wrong and where. */
export function readJsonObject(text: string): ReadJson {
  if (text.trim() === "")
    return { ok: false, message: 'The input is empty. Write a JSON object such as {"prompt": "…"}.' };
  const excess = findJsonExcess(text);
  if (excess) return { ok: false, message: `The input ${excess}. Pass such data as a URL or as text.` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, message: describeFault(text) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { ok: false, message: "The input must be a JSON object, in braces: {…}." };
  return { ok: true, value: value as Record<string, unknown> };
}

/** Top-level keys that the provider reads; it discards all others before the worker sees them. */
export const WIRE_KEYS = ["input", "webhook", "policy", "s3Config"] as const;

/**
 * Things that are allowed but rarely meant. Shown before sending, never in the way.
 */
export function inputWarnings(input: Record<string, unknown>): string[] {
  const keys = Object.keys(input);
  if (keys.length === 0)
    return ["An empty input is lost on the platform: the job fails about 40 s after a worker picks it up."];
  if (keys.length === 1 && keys[0] === "input")
    return [
      'This looks like a whole request body: the worker would receive {"input": {"input": …}}. Paste only the inner object.',
    ];
  const misplaced = keys.filter((key) => key === "webhook" || key === "policy" || key === "s3Config");
  return misplaced.length > 0
    ? [
        `Inside the input, ${misplaced.join(" and ")} does nothing by itself: it has its own setting beside the editor.`,
      ]
    : [];
}
