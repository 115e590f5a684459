export type ReadBody =
  | { ok: true; text: string }
  | { ok: false; why: "too_large" | "not_utf8"; start: string };

/** How much more than allowed is read and thrown away, so that a client with a little too much reads our answer. */
const DRAIN_FACTOR = 4;

/**
 * Read a request's body whatever its content type says: official workers send JSON as a form.
 * @param look sees each piece of the allowed part as it arrives.
 * @returns `start`, the first bytes as text, where the body was refused.
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  look: (chunk: Uint8Array) => void = () => {},
): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes <= maxBytes || chunks.length === 0) chunks.push(chunk);
    if (bytes <= maxBytes) look(chunk);
    if (bytes > maxBytes * DRAIN_FACTOR) break;
  }
  const start = Buffer.from(chunks[0] ?? []).toString("utf8", 0, 200);
  if (bytes > maxBytes) return { ok: false, why: "too_large", start };
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { ok: false, why: "not_utf8", start };
  }
}
