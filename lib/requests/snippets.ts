import type { RequestSpec } from "@/lib/requests/schema";
import { bodyPieces, mayRespell, S3_VARIABLES } from "@/lib/requests/snippets-body";
import { curl } from "@/lib/requests/snippets-curl";
import { goHttp } from "@/lib/requests/snippets-go";
import { javaScriptFetch, javaScriptSdk } from "@/lib/requests/snippets-javascript";
import { pythonRequests, pythonSdk } from "@/lib/requests/snippets-python";
import type { SnippetTarget } from "@/lib/requests/snippets-target";

const WRITERS = {
  curl,
  "python-sdk": pythonSdk,
  "python-requests": pythonRequests,
  "javascript-sdk": javaScriptSdk,
  "javascript-fetch": javaScriptFetch,
  go: goHttp,
} as const;
export type SnippetForm = keyof typeof WRITERS;

/**
 * The same request as a program. The key and the S3 secrets are environment variables, never values; the input keeps
 * its spelling up to the program's own hands.
 */
export const writeSnippet = (form: SnippetForm, spec: RequestSpec, target: SnippetTarget): string =>
  WRITERS[form](bodyPieces(spec), target);

/** What a person should know before running it, in sentences. */
export function snippetNotes(form: SnippetForm, spec: RequestSpec): string[] {
  const notes = [];
  const variables = ["RUNPOD_API_KEY", ...(spec.s3 ? Object.values(S3_VARIABLES) : [])];
  notes.push(
    `Set ${variables.length === 1 ? variables[0] : `${variables.slice(0, -1).join(", ")} and ${variables.at(-1)}`} in the environment first.`,
  );
  const language = form === "python-sdk" ? "python" : form === "javascript-sdk" ? "javascript" : null;
  if (language && mayRespell(spec.inputText, language))
    notes.push(
      `The SDK reads the body and writes it anew, so some numbers change their spelling. Where that matters, use ${language === "python" ? "requests" : "fetch"}.`,
    );
  if (form === "python-sdk" && /^\s*\{\s*\}\s*$/.test(spec.inputText))
    notes.push("The SDK wraps an empty input into another one, so the worker would get a different request.");
  return notes;
}
