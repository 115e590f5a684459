import { type Dispatcher, errors, request } from "undici";
import { findJsonExcess } from "@/lib/requests/json-excess";
import { coverSecrets } from "@/lib/requests/redaction";
import { RefusedAddressError } from "@/lib/upstream/address-guard";
import { decodedBody } from "@/lib/upstream/decoded-body";
import { MalformedEnvelope } from "@/lib/upstream/envelope";
import { type OutputBytes, readJobAnswer, TakeFailed, type TakeOutput } from "@/lib/upstream/job-answer";
import { pieceText, splitPieces } from "@/lib/upstream/stream-pieces";
import {
  errorWords,
  healthReplySchema,
  type JobFields,
  jobFieldsSchema,
  runReplySchema,
} from "@/lib/upstream/wire";

/** Shared by every operation: what can go wrong without telling us anything about the job. */
export type Trouble =
  | { kind: "throttled"; retryAfterMs: number | null }
  | { kind: "unauthorized"; httpStatus: 401 | 403; words: string }
  /** No connection was made: nothing left this machine. */
  | { kind: "unreachable"; words: string; refusedAddress: boolean }
  /** Asked, but got no answer, or one that cannot be understood. */
  | { kind: "unclear"; words: string; httpStatus: number | null; retryAfterMs: number | null };

/** `unclear` after a POST /run: the job may exist. Never send it again by itself. */
export type RunOutcome =
  | { kind: "accepted"; upstreamId: string }
  | { kind: "rejected"; httpStatus: number; words: string }
  | Trouble;

export type StatusOutcome =
  | { kind: "seen"; fields: JobFields; output: OutputBytes | null }
  | { kind: "missing" }
  | Trouble;

export type HealthOutcome =
  | { kind: "healthy"; jobs: Record<string, number>; workers: Record<string, number> }
  | { kind: "missing" }
  | Trouble;

/** cancel, retry */
export type ActOutcome =
  | { kind: "done"; fields: JobFields | null }
  | { kind: "missing" }
  | { kind: "rejected"; httpStatus: number; words: string }
  | Trouble;

export type StreamOutcome =
  | { kind: "drained"; status: string; chunks: string[] }
  | { kind: "missing" }
  | Trouble;

/** Less than the 30 s within which a submission must be definite. */
const ASK_TIMEOUT_MS = 20_000;
const SMALL_ANSWER_MAX_BYTES = 2 * 1024 * 1024;
const TOO_DEEP = "This is nested too deeply to be shown.";

const CONNECT_ERRORS = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);
/** Raised during the TLS handshake, before any HTTP byte. */
const isTlsError = (code: string) =>
  /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO)/.test(code);

function codeOf(error: unknown): string {
  const own = (error as { code?: unknown }).code;
  if (typeof own === "string") return own;
  const inner = error instanceof AggregateError ? error.errors[0] : (error as Error).cause;
  return inner instanceof Error ? codeOf(inner) : "";
}

/** Sort a failure by the only question that matters: may bytes have left? */
function troubleFrom(error: unknown): Trouble {
  const code = codeOf(error);
  if (error instanceof RefusedAddressError || code === "JOBDECK_REFUSED_ADDRESS")
    return {
      kind: "unreachable",
      refusedAddress: true,
      words: "The address is inside a private network, which this server does not allow.",
    };
  if (CONNECT_ERRORS.has(code) || isTlsError(code))
    return { kind: "unreachable", refusedAddress: false, words: `No connection (${code}).` };
  const words =
    error instanceof MalformedEnvelope
      ? `The answer cannot be read: ${error.message}.`
      : error instanceof errors.HeadersTimeoutError || (error as Error).name === "TimeoutError"
        ? "No answer in time."
        : `The connection broke${code ? ` (${code})` : ""}.`;
  // Who answers what cannot be read has answered.
  const httpStatus = error instanceof MalformedEnvelope ? 200 : null;
  return { kind: "unclear", words, httpStatus, retryAfterMs: null };
}

/** Seconds or an HTTP date, as RFC 9110 allows. At most 10 minutes. */
export function parseRetryAfter(value: string | string[] | undefined, now: number): number | null {
  const text = Array.isArray(value) ? value[0] : value;
  if (!text) return null;
  const ms = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 600_000) : null;
}

export type EndpointClientOptions = {
  /** Everything before `/{upstreamId}`, without a trailing slash. */
  baseUrl: string;
  upstreamId: string;
  apiKey: string;
  /** Called per request; may throw RefusedAddressError. */
  dispatcher: () => Dispatcher;
  /** Larger outputs are not stored. */
  maxOutputBytes: number;
  /** For the whole of one question and its answer. */
  timeoutMs?: number;
  now?: () => number;
};

/**
 * The provider's job API. No method throws (`status` what its taker throws) and none retries: each returns what is known, and the caller, who knows what
 * is safe, decides. Redirects are never followed, so the key only ever goes to its endpoint's host.
 */
export function createEndpointClient(options: EndpointClientOptions) {
  const { baseUrl, upstreamId, apiKey, dispatcher, maxOutputBytes } = options;
  const { timeoutMs = ASK_TIMEOUT_MS, now = Date.now } = options;
  const url = (path: string) => `${baseUrl}/${encodeURIComponent(upstreamId)}/${path}`;
  const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json" };

  type Answer = Dispatcher.ResponseData;
  const ask = (
    method: "GET" | "POST",
    path: string,
    body?: string,
    signal = AbortSignal.timeout(timeoutMs),
  ): Promise<Answer> =>
    request(url(path), {
      method,
      dispatcher: dispatcher(),
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      body,
      // A POST /run must never be repeated by the transport.
      idempotent: method === "GET",
      signal,
    });

  async function readSmall(answer: Answer): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const body = decodedBody(answer);
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > SMALL_ANSWER_MAX_BYTES) {
        body.destroy();
        throw new MalformedEnvelope("it is larger than 2 MB");
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  }

  /** @param secrets of the request that is answered; the key is always one. */
  const wordsOf = (text: string, secrets: readonly string[] = []): string =>
    errorWords(coverSecrets(text, [apiKey, ...secrets]));

  /** What every non-2xx means for every operation; null when the operation must look at it itself. */
  function commonTrouble(answer: Answer, text: string, secrets?: readonly string[]): Trouble | null {
    const { statusCode } = answer;
    const retryAfterMs = parseRetryAfter(answer.headers["retry-after"], now());
    if (statusCode === 429) return { kind: "throttled", retryAfterMs };
    if (statusCode === 401 || statusCode === 403)
      return { kind: "unauthorized", httpStatus: statusCode, words: wordsOf(text, secrets) };
    if (statusCode >= 300 && statusCode < 400)
      return {
        kind: "unclear",
        words: "The address redirects elsewhere.",
        httpStatus: statusCode,
        retryAfterMs,
      };
    // 408 too: proxies answer it when the server behind them was slow, whatever that one did.
    if (statusCode >= 500 || statusCode === 408 || statusCode < 200)
      return {
        kind: "unclear",
        words: wordsOf(text, secrets) || `HTTP ${statusCode}`,
        httpStatus: statusCode,
        retryAfterMs,
      };
    return null;
  }

  /** @param secrets inside the body, which the answer may echo: they are covered in its words. */
  async function run(body: string, secrets: readonly string[] = []): Promise<RunOutcome> {
    try {
      const answer = await ask("POST", "run", body);
      const text = await readSmall(answer);
      const trouble = commonTrouble(answer, text, secrets);
      if (trouble) return trouble;
      if (answer.statusCode >= 400)
        return {
          kind: "rejected",
          httpStatus: answer.statusCode,
          words: wordsOf(text, secrets) || `HTTP ${answer.statusCode}`,
        };
      const reply = runReplySchema.safeParse(parseJson(text));
      if (reply.success) return { kind: "accepted", upstreamId: reply.data.id };
      return unclear(answer, "The answer names no job id.");
    } catch (error) {
      return troubleFrom(error);
    }
  }

  /** @throws what `take` throws, and nothing else */
  async function status(jobId: string, take?: TakeOutput): Promise<StatusOutcome> {
    // A large output may take its time, as long as it comes: each part starts the time anew.
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new DOMException("No answer in time.", "TimeoutError")),
      timeoutMs,
    );
    try {
      const answer = await ask("GET", `status/${encodeURIComponent(jobId)}`, undefined, deadline.signal);
      if (answer.statusCode >= 300) {
        const text = await readSmall(answer);
        if (answer.statusCode === 404) return { kind: "missing" };
        return commonTrouble(answer, text) ?? unclear(answer, wordsOf(text) || `HTTP ${answer.statusCode}`);
      }
      return await readJob(answer, () => timer.refresh(), take);
    } catch (error) {
      if (error instanceof TakeFailed) throw error.cause;
      return troubleFrom(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async function readJob(answer: Answer, moves: () => void, take?: TakeOutput): Promise<StatusOutcome> {
    const { members, output } = await readJobAnswer(decodedBody(answer), { maxOutputBytes, moves, take });
    const raw = Object.fromEntries(
      [...members]
        .filter(([key]) => key !== "output")
        .map(([key, text]) => [key, findJsonExcess(text) ? TOO_DEEP : parseJson(text)]),
    );
    const fields = jobFieldsSchema.safeParse(raw);
    if (!fields.success) return unclear(answer, "The answer lacks a job's id or status.");
    return { kind: "seen", fields: fields.data, output };
  }

  async function act(operation: "cancel" | "retry", jobId: string): Promise<ActOutcome> {
    try {
      const answer = await ask("POST", `${operation}/${encodeURIComponent(jobId)}`);
      const text = await readSmall(answer);
      if (answer.statusCode === 404) return { kind: "missing" };
      const trouble = commonTrouble(answer, text);
      if (trouble) return trouble;
      if (answer.statusCode >= 400)
        return {
          kind: "rejected",
          httpStatus: answer.statusCode,
          words: wordsOf(text) || `HTTP ${answer.statusCode}`,
        };
      const fields = jobFieldsSchema.safeParse(parseJson(text));
      return { kind: "done", fields: fields.success ? fields.data : null };
    } catch (error) {
      return troubleFrom(error);
    }
  }

  async function health(): Promise<HealthOutcome> {
    try {
      const answer = await ask("GET", "health");
      const text = await readSmall(answer);
      if (answer.statusCode === 404) return { kind: "missing" };
      const trouble = commonTrouble(answer, text);
      if (trouble) return trouble;
      const reply = healthReplySchema.safeParse(parseJson(text));
      if (answer.statusCode >= 400 || !reply.success)
        return unclear(answer, "The answer is not the health of an endpoint.");
      return { kind: "healthy", ...reply.data };
    } catch (error) {
      return troubleFrom(error);
    }
  }

  /** Takes what is buffered; the provider hands each piece out once. */
  async function stream(jobId: string): Promise<StreamOutcome> {
    try {
      const answer = await ask("GET", `stream/${encodeURIComponent(jobId)}?wait=1000`);
      const text = await readSmall(answer);
      if (answer.statusCode === 404) return { kind: "missing" };
      const trouble = commonTrouble(answer, text);
      if (trouble) return trouble;
      if (answer.statusCode < 400 && findJsonExcess(text)) return drained(splitPieces(text));
      const reply = parseJson(text);
      const list = Array.isArray(reply) ? reply : (reply as { stream?: unknown } | null)?.stream;
      const state = (reply as { status?: unknown } | null)?.status;
      if (answer.statusCode >= 400 || !Array.isArray(list))
        return unclear(answer, "The answer is not a stream.");
      return drained({ status: state, chunks: list.map(pieceText) });
    } catch (error) {
      return troubleFrom(error);
    }
  }

  return {
    run,
    status,
    health,
    stream,
    cancel: (id: string) => act("cancel", id),
    retry: (id: string) => act("retry", id),
  };
}
export type EndpointClient = ReturnType<typeof createEndpointClient>;

const drained = ({ status, chunks }: { status: unknown; chunks: string[] }): StreamOutcome => ({
  kind: "drained",
  status: typeof status === "string" ? status : "IN_PROGRESS",
  chunks,
});

const unclear = (answer: Dispatcher.ResponseData, words: string): Trouble => ({
  kind: "unclear",
  words,
  httpStatus: answer.statusCode,
  retryAfterMs: null,
});

/** Undefined for what is no JSON, or so deep that its parsing would hold everybody up. */
function parseJson(text: string): unknown {
  if (findJsonExcess(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
