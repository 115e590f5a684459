import { readJsonObject } from "@/lib/requests/json-text";

export type ManyInputs = {
  /** JSON text of each input, exactly as it was written. */
  inputs: string[];
  problems: { /** Line, or place in the array, from 1. */ at: number; message: string }[];
};

/** Split the text of a JSON array at its own commas; the elements keep their spelling. */
export function splitArray(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 1;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inString) {
      if (c === "\\") i++;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]") depth--;
    if (!inString && ((c === "," && depth === 1) || (c === "]" && depth === 0))) {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  return parts.length === 1 && parts[0] === "" ? [] : parts;
}

function isArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/**
 * Inputs out of a JSON array or of JSON lines (one object per line, blank lines skipped). A line `{"input": {…}}` and
 * nothing else is taken for a whole request body, as the provider's batch files have it: its inner object is meant.
 */
export function readManyInputs(text: string): ManyInputs {
  const trimmed = text.trim();
  const items = isArray(trimmed)
    ? splitArray(trimmed).map((part, index) => ({ part, at: index + 1 }))
    : trimmed.split("\n").map((line, index) => ({ part: line.trim(), at: index + 1 }));
  const result: ManyInputs = { inputs: [], problems: [] };
  for (const { part, at } of items) {
    if (part === "") continue;
    const read = readJsonObject(part);
    if (read.ok) result.inputs.push(innerInput(part, read.value));
    else result.problems.push({ at, message: read.message });
  }
  return result;
}

function innerInput(text: string, value: Record<string, unknown>): string {
  const inner = value.input;
  const isWhole = Object.keys(value).length === 1 && typeof inner === "object" && inner !== null;
  if (!isWhole || Array.isArray(inner)) return text;
  return text.slice(text.indexOf(":") + 1, text.lastIndexOf("}")).trim();
}
