import { findJsonExcess } from "@/lib/requests/json-excess";
import { JsonGrammar } from "@/lib/requests/json-grammar";
import { splitArray } from "@/lib/requests/many-inputs";
import { EnvelopeReader, MalformedEnvelope } from "@/lib/upstream/envelope";
import { jsonText } from "@/lib/upstream/wire";

/** What a reader sees in the place of a piece that would hold everybody up. */
export const UNREADABLE_PIECE = '"A piece nested too deeply to be kept."';

/** One streamed piece as JSON text: a bare value, or an object that holds it as `output`. */
export function pieceText(piece: unknown): string {
  const value = typeof piece === "object" && piece !== null && "output" in piece ? piece.output : piece;
  return jsonText(value) ?? UNREADABLE_PIECE;
}

/**
 * The pieces of an answer that must not be parsed as one. The provider hands each piece out once, so those that can be
 * read are kept whatever stands beside them.
 * @throws MalformedEnvelope
 */
export function splitPieces(answer: string): { status: unknown; chunks: string[] } {
  const list: Buffer[] = [];
  const grammar = new JsonGrammar();
  const reader = new EnvelopeReader("stream", (bytes) => {
    list.push(bytes);
    grammar.push(bytes);
  });
  reader.push(Buffer.from(answer));
  const members = reader.end();
  const raw = Buffer.concat(list).toString("utf8").trim();
  if (!grammar.end() || !raw.startsWith("[")) throw new MalformedEnvelope("it is not a stream");
  const status = members.get("status") ?? "null";
  return {
    status: findJsonExcess(status) ? null : JSON.parse(status),
    chunks: splitArray(raw).map((piece) =>
      findJsonExcess(piece) ? UNREADABLE_PIECE : pieceText(JSON.parse(piece)),
    ),
  };
}
