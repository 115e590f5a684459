import { type JobAddress, RUNSYNC_NOTE } from "@/lib/requests/imports-address";
import { type PastedRequest, refuse } from "@/lib/requests/imports-pasted";
import { formatJson } from "@/lib/requests/json-layout";
import { readJsonObject } from "@/lib/requests/json-text";
import { readWholeRequest } from "@/lib/requests/whole-request";

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Structure marks a text may have: reading it takes time for each, while a long string costs next to nothing. */
const MAX_MARKS = 50_000;

/** @throws AppError when taking the text apart would be felt as a pause. */
export function refuseDense(text: string): void {
  let marks = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 44 || code === 91 || code === 123) marks++;
  }
  if (marks > MAX_MARKS)
    refuse(
      `This holds more than ${MAX_MARKS.toLocaleString("en")} values; that is too much to take apart. Paste the input alone.`,
    );
}

/** What stands in a request besides its body: where it came from and what is worth saying. */
export type Around = { name?: string; to?: JobAddress | null; notes?: string[] };

/**
 * A request out of the JSON text of its body.
 * @param wraps whether a body without `input` is the input itself, as the Python SDK has it
 */
export function requestOfBody(bodyText: string, around: Around = {}, wraps = false): PastedRequest {
  refuseDense(bodyText);
  const { name = "Request", to = null } = around;
  const notes = [...(to?.isSync ? [RUNSYNC_NOTE] : []), ...(around.notes ?? [])];
  const address = to?.address ?? null;
  const whole = wraps && !hasTruthyInput(bodyText) ? null : readWholeRequest(bodyText);
  if (whole) {
    const { unknownKeys, ...fields } = whole;
    return { name, address, fields: withoutAbsent(fields), unknownKeys, notes };
  }
  const read = readJsonObject(bodyText);
  if (!read.ok) refuse(`The body of this request cannot be read. ${read.message}`);
  if ("input" in read.value && !wraps)
    refuse("The input of this request is not an object in braces, which is all that a worker takes.");
  return {
    name,
    address,
    fields: { inputText: formatJson(bodyText.trim()) },
    unknownKeys: [],
    notes: wraps ? notes : [...notes, "Its body had no input key, so the whole body was taken as the input."],
  };
}

function hasTruthyInput(bodyText: string): boolean {
  const read = readJsonObject(bodyText);
  if (!read.ok) return true; // the reader after this one says what is wrong
  const { input } = read.value;
  return isObject(input) ? Object.keys(input).length > 0 : Boolean(input);
}

/** Fields that the paste does not speak of stay as they are in the form. */
function withoutAbsent(fields: PastedRequest["fields"]): PastedRequest["fields"] {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as PastedRequest["fields"];
}
