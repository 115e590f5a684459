import { AppError } from "@/lib/kernel/errors";
import { refuseDense, requestOfBody } from "@/lib/requests/imports-body";
import { dialectsOf, looksLikeCode, readBareLiteral, readCode } from "@/lib/requests/imports-code";
import { looksLikeCurl, readCurl } from "@/lib/requests/imports-curl";
import { readJsonPaste } from "@/lib/requests/imports-json";
import { type Pasted, type PastedRequest, refuse } from "@/lib/requests/imports-pasted";
import { formatJson } from "@/lib/requests/json-layout";

/** Characters. Taking apart more than this would be felt as a pause. */
const MAX_PASTE = 1_000_000;
const MAX_CODE = 200_000;

/**
 * Find the request in anything that a person pastes: a curl command, a request body, a call in Python or JavaScript, an
 * HTTP archive, a worker's test file. Nothing is run or fetched. Answers within 50 ms, by refusing what would take longer.
 */
export function readPasted(text: string): Pasted {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof AppError) return { kind: "refused", message: error.message };
    throw error;
  }
}

const one = (source: string, request: PastedRequest): Pasted => ({
  kind: "requests",
  source,
  requests: [request],
});

function read(text: string): Pasted {
  if (text.length > MAX_PASTE) return tooLong(text);
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "text" };
  if (trimmed[0] === "{" || trimmed[0] === "[") return readData(trimmed);
  if (looksLikeCurl(trimmed)) return one("a curl command", readCurl(trimmed));
  if (!looksLikeCode(trimmed)) return { kind: "text" };
  if (trimmed.length > MAX_CODE)
    refuse("This program is too long to read a request out of it. Paste the call alone.");
  return readProgram(trimmed);
}

/** Both languages read much of each other's text, so the reading that leaves less open is the right one. */
function readProgram(text: string): Pasted {
  let best: { source: string; request: PastedRequest; unknown: number } | null = null;
  let refusal: AppError | null = null;
  for (const dialect of dialectsOf(text)) {
    try {
      const found = readCode(text, dialect);
      if (found && found.unknown < (best?.unknown ?? Number.POSITIVE_INFINITY))
        best = { ...found, source: dialect === "python" ? "a Python program" : "a JavaScript program" };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refusal ??= error;
    }
  }
  if (best) return one(best.source, best.request);
  if (refusal) throw refusal;
  return { kind: "text" };
}

/** Only what plainly is a request and no input is refused; a long input is for the editor to take. */
function tooLong(text: string): Pasted {
  const isOther =
    looksLikeCurl(text.slice(0, 2000)) || /^\s*\{\s*"(?:log|input|tests)"\s*:/.test(text.slice(0, 500));
  if (!isOther) return { kind: "text" };
  const size = (text.length / 1_000_000).toFixed(1);
  refuse(
    `This is ${size} million characters long; up to 1 million are taken apart. Paste the input alone, and pass large files as a URL.`,
  );
}

function readData(text: string): Pasted {
  let value: unknown;
  try {
    refuseDense(text);
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof AppError) {
      if (/^[{[]\s*\{?\s*"(?:log|input|tests|request)"\s*:/.test(text.slice(0, 500))) throw error;
      return { kind: "text" };
    }
    return text[0] === "{" ? readForeignData(text) : { kind: "text" };
  }
  return readJsonPaste(text, value) ?? { kind: "text" };
}

/** Braces that are not JSON: a Python dict or a JavaScript object, whole request or input. */
function readForeignData(text: string): Pasted {
  if (text.length > MAX_CODE) return { kind: "text" };
  const readings = dialectsOf(text).map((dialect) => ({ dialect, found: readBareLiteral(text, dialect) }));
  for (const { dialect, found } of readings) {
    // Braces with gaps in them are more likely JSON that is being written.
    if (!found || found.unknown.length > 0) continue;
    const source = dialect === "python" ? "a Python dict" : "a JavaScript object";
    if (/"input":\{/.test(found.json)) {
      const request = requestOfBody(found.json);
      if (!request.notes.some((note) => note.includes("no input key"))) return one(source, request);
    }
    const fields = { inputText: formatJson(found.json) };
    return one(source, { name: "Request", address: null, fields, unknownKeys: [], notes: [] });
  }
  return { kind: "text" };
}
