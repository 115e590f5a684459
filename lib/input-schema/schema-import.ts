import { MAX_SCHEMA_LENGTH } from "@/lib/input-schema/document";
import { importJsonSchema, looksLikeSchema } from "@/lib/input-schema/import-json-schema";
import { importOpenApi } from "@/lib/input-schema/import-openapi";
import { importRpValidator, looksLikeValidator } from "@/lib/input-schema/import-rp-validator";
import type { Imported, ReadSchema } from "@/lib/input-schema/imported";
import { inferSchema } from "@/lib/input-schema/infer";
import { isObject } from "@/lib/input-schema/json-value";
import { readPasted } from "@/lib/requests/imports";

/**
 * @property source as in "Taken from {source}"
 * @property notices what was left out, guessed or could not be known
 */
export type ImportedSchema = ({ ok: true; source: string } & Imported) | { ok: false; message: string };

/** Characters. OpenAPI documents are longer than the part that is taken from them. */
const MAX_LENGTH = 4 * MAX_SCHEMA_LENGTH;

/**
 * A schema out of whatever a person has: a JSON Schema (Pydantic's too), an OpenAPI 3 document (Cog's too), the Python
 * source of an rp_validator schema, a Hub test file, a request in any form that the composer reads, or a bare sample of an
 * input. Nothing is run or fetched.
 */
export function importSchema(text: string): ImportedSchema {
  const trimmed = text.trim();
  if (trimmed === "") return refused("There is nothing to take a schema from.");
  if (trimmed.length > MAX_LENGTH)
    return refused(
      `This is ${Math.ceil(trimmed.length / 1024)} kB long; up to ${MAX_LENGTH / 1024} kB are read.`,
    );
  const json = parsed(trimmed);
  if (isObject(json)) {
    if (typeof json.openapi === "string" || typeof json.swagger === "string")
      return as("an OpenAPI document", importOpenApi(json));
    if (looksLikeSchema(json)) return as("a JSON Schema", importJsonSchema(json));
  }
  if (json === undefined) {
    if (looksLikeValidator(trimmed)) return as("rp_validator's schema", importRpValidator(trimmed));
    if (/^(?:openapi|swagger)\s*:/m.test(trimmed.slice(0, 2_000)))
      return refused(
        "This is an OpenAPI document in YAML; JSON is read. The worker itself usually offers /openapi.json.",
      );
  }
  return fromSamples(trimmed, json);
}

const refused = (message: string): ImportedSchema => ({ ok: false, message });
const as = (source: string, read: ReadSchema): ImportedSchema => (read.ok ? { ...read, source } : read);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whoever has no schema has inputs that work. */
function fromSamples(text: string, json: unknown): ImportedSchema {
  const pasted = readPasted(text);
  if (pasted.kind === "refused") return refused(pasted.message);
  if (pasted.kind === "text") {
    if (!isObject(json))
      return refused(
        "No schema, request or input was found in this. Paste a JSON Schema, an OpenAPI document, or an input.",
      );
    return { ok: true, source: "a sample input", ...inferSchema([text]) };
  }
  const notes = pasted.requests.flatMap((request) => request.notes);
  // An empty input is a test of failing, and would make every field optional.
  const samples = pasted.requests
    .map(({ fields }) => fields.inputText)
    .filter((input) => !/^\s*\{\s*\}\s*$/.test(input));
  if (samples.length === 0)
    return refused("All inputs in this are empty, so there is nothing to learn from them.");
  const empty = pasted.requests.length - samples.length;
  const { schema, notices } = inferSchema(samples);
  if (empty > 0)
    notices.push(`${empty === 1 ? "One empty input was" : `${empty} empty inputs were`} left aside.`);
  return { ok: true, source: pasted.source, schema, notices: [...new Set([...notices, ...notes])] };
}
