import { Hono } from "hono";
import { AppError, HTTP_STATUS } from "@/lib/kernel/errors";
import { findJsonExcess } from "@/lib/requests/json-excess";
import { EnvelopeReader, MalformedEnvelope } from "@/lib/upstream/envelope";
import { isKnownToken } from "@/lib/webhooks/known-tokens";
import { type Claim, receiveWebhook } from "@/lib/webhooks/receive";

/** A delivery carries the whole input and output; they are scanned past, never held. */
const BODY_MAX_BYTES = 64 * 1024 * 1024;
const READ_TIMEOUT_MS = 30_000;
const BIG_MEMBERS = new Set(["input"]);

const isToken = (text: string): boolean => /^[\w-]{43}$/.test(text);

const textOf = (raw: string | undefined, most: number): string | null => {
  if (!raw || findJsonExcess(raw)) return null;
  const value: unknown = JSON.parse(raw);
  const isUsable =
    typeof value === "string" && value.length > 0 && value.length <= most && !value.includes("\u0000");
  return isUsable ? value : null;
};

/** @throws AppError `too_large`. A body that is not JSON is a claim of nothing. */
async function readClaim(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Claim> {
  const reader = new EnvelopeReader("output", () => {}, { ignored: BIG_MEMBERS });
  let bytes = 0;
  let isJson = true;
  const deadline = performance.now() + READ_TIMEOUT_MS;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes)
      throw new AppError("too_large", `A webhook may have at most ${maxBytes / 1024 / 1024} MB.`);
    if (performance.now() > deadline)
      throw new AppError("invalid", "The body took longer than 30 s to arrive.");
    try {
      if (isJson) reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    } catch (error) {
      if (!(error instanceof MalformedEnvelope)) throw error;
      isJson = false;
    }
  }
  try {
    const members = isJson ? reader.end() : new Map<string, string>();
    return { bytes, upstreamId: textOf(members.get("id"), 200), status: textOf(members.get("status"), 64) };
  } catch (error) {
    if (!(error instanceof MalformedEnvelope)) throw error;
    return { bytes, upstreamId: null, status: null };
  }
}

/** Where providers call back: `POST /hooks/{token}`. Answers once the hint is stored, before anything is done with it. */
export function hooksApp({ maxBytes = BODY_MAX_BYTES } = {}): Hono {
  const app = new Hono();
  app.post("/:token", async (c) => {
    const token = c.req.param("token");
    // The same answer for a wrong token of any shape; the body of a stranger is not read.
    const unknown = () =>
      c.json({ error: { code: "not_found", message: "There is no such webhook." } }, HTTP_STATUS.not_found);
    if (!isToken(token) || !(await isKnownToken(token))) return unknown();
    const claim = await readClaim(c.req.raw.body, maxBytes);
    return (await receiveWebhook(token, claim)) ? c.json({ ok: true }) : unknown();
  });
  return app;
}
