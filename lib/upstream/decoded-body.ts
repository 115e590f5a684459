import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Dispatcher } from "undici";
import { MalformedEnvelope } from "@/lib/upstream/envelope";

/** Large pieces: the scan behind it costs per piece, too. */
const SETTINGS = { chunkSize: 64 * 1024 };

function decoderFor(coding: string) {
  if (coding === "gzip" || coding === "x-gzip") return createGunzip(SETTINGS);
  if (coding === "deflate") return createInflate(SETTINGS);
  if (coding === "br") return createBrotliDecompress(SETTINGS);
  throw new MalformedEnvelope(`it has the unknown content coding "${coding.slice(0, 40)}"`);
}

/**
 * The bytes of an answer as they were before its server compressed them. We ask for no compression, but a server may do
 * it all the same. Whoever reads counts these bytes, so that a bomb is found out while it unfolds.
 * @throws MalformedEnvelope for a coding that nobody can read
 */
export function decodedBody(answer: Dispatcher.ResponseData): Readable {
  const coding = String(answer.headers["content-encoding"] ?? "identity")
    .trim()
    .toLowerCase();
  if (coding === "identity" || coding === "") return answer.body;
  try {
    // Errors of either side reach the reader through the decoder.
    return pipeline(answer.body, decoderFor(coding), () => {});
  } catch (error) {
    // Its abort is no news to anybody.
    answer.body.on("error", () => {}).destroy();
    throw error;
  }
}
