import { readJobAddress } from "@/lib/requests/imports-address";
import { isObject, requestOfBody } from "@/lib/requests/imports-body";
import { DROPPED_KEY, type Pasted, type PastedRequest, refuse } from "@/lib/requests/imports-pasted";
import { topLevelMembers } from "@/lib/requests/json-layout";
import { EXECUTION_TIMEOUT_MS } from "@/lib/requests/limits";
import { splitArray } from "@/lib/requests/many-inputs";

const rawOf = (objectText: string, key: string): string | undefined =>
  topLevelMembers(objectText).findLast((member) => member.key === key)?.raw;

const MAX_REQUESTS = 200;

function several(source: string, requests: readonly PastedRequest[], none: string): Pasted {
  const [first, ...others] = requests;
  return first
    ? { kind: "requests", source, requests: [first, ...others.slice(0, MAX_REQUESTS - 1)] }
    : refuse(none);
}

/** An HTTP archive, or one entry of it, as browsers' developer tools copy them. */
function readHar(value: Record<string, unknown>): Pasted | null {
  const log = isObject(value.log) ? value.log : value;
  const entries = Array.isArray(log.entries) ? log.entries : isObject(value.request) ? [value] : null;
  if (!entries) return null;
  const requests: PastedRequest[] = [];
  for (const entry of entries) {
    const request = isObject(entry) && isObject(entry.request) ? entry.request : null;
    const body = request && isObject(request.postData) ? request.postData.text : null;
    if (!request || typeof request.url !== "string" || typeof body !== "string") continue;
    if (!/\/run(?:sync)?\/?(?:[?#]|$)/.test(request.url)) continue;
    const headers = Array.isArray(request.headers) ? request.headers : [];
    const hasKey = headers.some(
      (header) => isObject(header) && /^(authorization|cookie)$/i.test(String(header.name)),
    );
    const name = `${requests.length + 1}. ${request.url.replace(/[?#].*$/s, "").slice(-80)}`;
    requests.push(
      requestOfBody(body, { name, to: readJobAddress(request.url), notes: hasKey ? [DROPPED_KEY] : [] }),
    );
    if (requests.length >= MAX_REQUESTS) break;
  }
  return several(
    "an HTTP archive",
    requests,
    "No entry of this HTTP archive sends a body to /run or /runsync.",
  );
}

/** The raw input of a test and what stands beside it, through the wrappings that published files have. */
function unwrapTest(raw: string): { input: string; name?: string; timeoutMs?: number } | null {
  const value: unknown = JSON.parse(raw);
  const input = isObject(value) ? rawOf(raw, "input") : undefined;
  if (!isObject(value) || input === undefined) return null;
  const inner: unknown = JSON.parse(input);
  const isWrapped =
    isObject(inner) &&
    isObject(inner.input) &&
    Object.keys(inner).every((key) => /^(input|name|timeout|id)$/.test(key));
  const deeper = isWrapped ? unwrapTest(input) : null;
  return {
    input: deeper?.input ?? input,
    ...(typeof value.name === "string" && { name: value.name }),
    ...(typeof value.timeout === "number" && { timeoutMs: value.timeout }),
    ...(deeper && withoutInput(deeper)),
  };
}
const withoutInput = ({ input: _, ...rest }: { input: string; name?: string; timeoutMs?: number }) => rest;

/** A list of tests: `.runpod/tests.json`, `.github/tests.json`, or requests in an array. */
function readTests(listText: string, source: string): Pasted {
  const requests: PastedRequest[] = [];
  let without = 0;
  for (const raw of splitArray(listText).slice(0, 5000)) {
    const test = unwrapTest(raw);
    if (!test || !isObject(JSON.parse(test.input))) {
      without++;
      continue;
    }
    const whole = requestOfBody(`{"input":${test.input}}`, {
      name: test.name ?? `Request ${requests.length + 1}`,
    });
    const timeoutMs =
      test.timeoutMs &&
      Math.round(Math.min(Math.max(test.timeoutMs, EXECUTION_TIMEOUT_MS.min), EXECUTION_TIMEOUT_MS.max));
    if (timeoutMs) whole.fields.executionTimeoutMs = timeoutMs;
    if (timeoutMs && timeoutMs !== test.timeoutMs)
      whole.notes.push(
        `Its timeout of ${test.timeoutMs} ms is outside the provider's bounds; the nearest bound was taken.`,
      );
    requests.push(whole);
  }
  if (without > 0)
    for (const { notes } of requests)
      notes.push(
        without === 1
          ? "One test has no input object and was left out."
          : `${without} tests have no input object and were left out.`,
      );
  return several(
    source,
    requests,
    without > 0
      ? "None of these tests has an input: they are not job requests."
      : "This file has no tests in it.",
  );
}

/** @returns null for JSON that is just an input */
export function readJsonPaste(text: string, value: unknown): Pasted | null {
  if (Array.isArray(value)) {
    const areRequests = value.length > 0 && value.every((item) => isObject(item) && isObject(item.input));
    return areRequests ? readTests(text.trim(), "a list of requests") : null;
  }
  if (!isObject(value)) return null;
  if (Array.isArray(value.tests) && value.tests.every(isObject)) {
    const isFile = Object.keys(value).every((key) =>
      /^(tests|config|loadTests|\$schema|version|name)$/.test(key),
    );
    if (isFile) return readTests(rawOf(text, "tests") ?? "[]", "a file of tests");
  }
  const har = isObject(value.log) || isObject(value.request) ? readHar(value) : null;
  if (har) return har;
  if (!isObject(value.input)) return null;
  return { kind: "requests", source: "a whole request", requests: [requestOfBody(text)] };
}
