import { type JobAddress, readJobAddress } from "@/lib/requests/imports-address";
import { requestOfBody } from "@/lib/requests/imports-body";
import { createLiteralReader, type Literal, literalJson } from "@/lib/requests/imports-literal";
import { DROPPED_KEY, type PastedRequest } from "@/lib/requests/imports-pasted";
import { type Dialect, readSource, type Source } from "@/lib/requests/imports-source";

/** Calls that may carry a request: the SDKs' own, and those of HTTP clients. */
const CALLS =
  /\.\s*(run|run_sync|runSync|runsync)\s*\(|(?:^|[^\w.])(fetch|\$?axios|ofetch|\$fetch|Request)\s*\(|\.\s*(post|request|Request)\s*\(/g;
const MAX_CALLS = 200;

export const looksLikeCode = (text: string): boolean =>
  /\.\s*(?:run|run_sync|runSync|runsync|post|request|Request)\s*\(|\b(?:fetch|axios|ofetch|Request)\s*\(/.test(
    text,
  );

export function dialectsOf(text: string): Dialect[] {
  const python =
    /^\s*(?:import \w+\s*$|import \w+ as|from \w[\w.]* import|def |async def |print\()|\brun_sync\b|\bTrue\b|\bFalse\b|\bNone\b|\bjson=|\bdata=|\bEndpoint\(|[\s({[,=]f["']/m;
  const javascript = /\b(?:const|let|var|await fetch|require\()|=>|\bJSON\.stringify\b|\brunSync\b/;
  return python.test(text) && !javascript.test(text) ? ["python", "javascript"] : ["javascript", "python"];
}

type Found = { body: Literal; url: string | null; wraps: "never" | "missing" | "always" };

const member = (value: Literal | undefined, key: string): Literal | undefined =>
  value?.kind === "object" ? value.members.findLast(([name]) => name === key)?.[1] : undefined;
const textOf = (value: Literal | undefined): string | null => (value?.kind === "string" ? value.value : null);
const isBody = (value: Literal | undefined): value is Literal =>
  value !== undefined &&
  (value.kind === "object" ||
    ((value.kind === "scalar" || value.kind === "string") &&
      /^\s*\{/.test(value.kind === "string" ? value.value : value.json)));

/** What one call sends, when it sends a request. */
function readCall(
  name: string,
  source: Source,
  positional: Literal[],
  keywords: Map<string, Literal>,
): Found | null {
  if (/^run/i.test(name)) {
    const body = positional[0] ?? keywords.get("request_input") ?? keywords.get("endpoint_input");
    // The asyncio class wraps whatever it is given; the plain one only what has no input.
    const wraps =
      source.dialect === "javascript"
        ? "never"
        : /\bAsyncioEndpoint\b/.test(source.code)
          ? "always"
          : "missing";
    return body?.kind === "object" || (body?.kind === "scalar" && isBody(body))
      ? { body, url: null, wraps }
      : null;
  }
  const texts = positional.map(textOf);
  const isVerb = /^[A-Za-z]{3,7}$/.test(texts[0] ?? "");
  const options =
    positional.find((value) => value.kind === "object" && member(value, "url")) ?? positional[isVerb ? 2 : 1];
  const url = textOf(keywords.get("url")) ?? textOf(member(options, "url")) ?? texts[isVerb ? 1 : 0] ?? null;
  const candidates = [
    keywords.get("json"),
    keywords.get("data"),
    keywords.get("content"),
    member(options, "body"),
    member(options, "json"),
    member(options, "data"),
    name === "post" || name === "Request" ? positional[1] : undefined,
  ];
  const body = candidates.find(isBody);
  return body ? { body, url, wraps: "never" } : null;
}

/** The endpoint of an SDK's object, where one is made. */
function sdkAddress(source: Source, read: ReturnType<typeof createLiteralReader>): JobAddress | null {
  for (const found of source.code.matchAll(/\b(?:Asyncio)?Endpoint\s*\(|\.\s*endpoint\s*\(/g)) {
    const call = read.callAt(found.index + found[0].length - 1);
    const id = textOf(call?.positional[0] ?? call?.keywords.get("endpoint_id"));
    if (id && /^[A-Za-z0-9_-]+$/.test(id))
      return { address: { endpointId: id, baseUrl: null }, isSync: false };
  }
  return null;
}

/**
 * The first request that a Python or JavaScript program sends. Its text is read as data: literals, and names that it
 * assigns literals to.
 * @returns null when no call in it carries one
 */
export function readCode(text: string, dialect: Dialect): { request: PastedRequest; unknown: number } | null {
  const source = readSource(text, dialect);
  const reader = createLiteralReader(source);
  let tried = 0;
  for (const found of source.code.matchAll(CALLS)) {
    if (++tried > MAX_CALLS) break;
    const name = (found[1] ?? found[2] ?? found[3])!;
    const call = reader.callAt(found.index + found[0].length - 1);
    const sent = call && readCall(name, source, call.positional, call.keywords);
    if (!sent) continue;
    const to = sent.url === null ? sdkAddress(source, reader) : readJobAddress(sent.url);
    const unknown: string[] = [];
    const json = sent.body.kind === "string" ? sent.body.value : literalJson(sent.body, unknown);
    if (sent.body.kind === "string") unknown.push(...sent.body.unknown);
    // A call to somewhere else, or of something else that happens to be named run.
    if (sent.wraps === "never" && !to && !/"input"\s*:/.test(json)) continue;
    if (sent.wraps !== "never" && !to && !/\brunpod\b|"input"\s*:/.test(text + json)) continue;
    const request = requestOfBody(
      sent.wraps === "always" ? `{"input":${json}}` : json,
      { to, notes: notesOf(text, unknown) },
      sent.wraps === "missing",
    );
    return { request, unknown: unknown.length };
  }
  return null;
}

/** A Python dict or a JavaScript object alone, as it is copied out of a program. */
export function readBareLiteral(text: string, dialect: Dialect): { json: string; unknown: string[] } | null {
  const source = readSource(text, dialect);
  const reader = createLiteralReader(source);
  const { value, end } = reader.read(reader.skip(0));
  if (value.kind !== "object" || !/^[\s;]*$/.test(text.slice(reader.skip(end)))) return null;
  const unknown: string[] = [];
  return { json: literalJson(value, unknown), unknown };
}

function unknownNote(unknown: readonly string[]): string[] {
  const names = [...new Set(unknown)];
  if (names.length === 0) return [];
  const shown = names.slice(0, 6).join(", ");
  return [
    `Not written out in the paste, so a placeholder stands in the input: ${shown}${names.length > 6 ? ` and ${names.length - 6} more` : ""}.`,
  ];
}

function notesOf(text: string, unknown: readonly string[]): string[] {
  return [...(/authorization|api_?key/i.test(text) ? [DROPPED_KEY] : []), ...unknownNote(unknown)];
}
