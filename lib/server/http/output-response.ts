import { Readable } from "node:stream";
import { type ByteRange, readByteRange } from "@/lib/jobs/byte-range";

/**
 * A job's raw output for download: hostile until proven otherwise, so never shown by the browser as our page.
 * @param output its id is its entity tag: while it stays the same, parts of it fit together
 * @param read pieces of the whole, or of a range
 */
export function outputResponse(
  jobId: string,
  output: { id: string; bytes: number },
  request: { method: string; headers: Headers },
  read: (range?: ByteRange) => AsyncIterable<Buffer>,
): Response {
  const { bytes } = output;
  const tag = `"${output.id}"`;
  const headers = {
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename="job-${jobId}.json"`,
    "content-security-policy": "sandbox; default-src 'none'",
    "accept-ranges": "bytes",
    etag: tag,
  };
  // A download that goes on asks for the rest of what it has: of another output it gets the whole.
  const condition = request.headers.get("if-range");
  const isSame = condition === null || condition.trim() === tag;
  const range = isSame ? readByteRange(request.headers.get("range"), bytes) : null;
  if (range === "unsatisfiable")
    return new Response(null, { status: 416, headers: { ...headers, "content-range": `bytes */${bytes}` } });
  const length = range ? range.to - range.from + 1 : bytes;
  const isHead = request.method === "HEAD";
  const body = isHead
    ? null
    : (Readable.toWeb(
        Readable.from(read(range ?? undefined), { objectMode: false }),
      ) as ReadableStream<Uint8Array>);
  return new Response(body, {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      "content-length": String(length),
      ...(range && { "content-range": `bytes ${range.from}-${range.to}/${bytes}` }),
    },
  });
}
