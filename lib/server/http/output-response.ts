import { Readable } from "node:stream";
import { type ByteRange, readByteRange } from "@/lib/jobs/byte-range";

/**
 * A job's raw output for download: hostile until proven otherwise, so never shown by the browser as our page.
 * @param read pieces of the whole, or of a range.
 */
export function outputResponse(
  jobId: string,
  bytes: number,
  rangeHeader: string | null,
  read: (range?: ByteRange) => AsyncIterable<Buffer>,
): Response {
  const range = readByteRange(rangeHeader, bytes);
  const headers = {
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename="job-${jobId}.json"`,
    "content-security-policy": "sandbox; default-src 'none'",
    "accept-ranges": "bytes",
  };
  if (range === "unsatisfiable")
    return new Response(null, { status: 416, headers: { ...headers, "content-range": `bytes */${bytes}` } });
  const length = range ? range.to - range.from + 1 : bytes;
  const body = Readable.toWeb(Readable.from(read(range ?? undefined), { objectMode: false }));
  return new Response(body as ReadableStream<Uint8Array>, {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      "content-length": String(length),
      ...(range && { "content-range": `bytes ${range.from}-${range.to}/${bytes}` }),
    },
  });
}
