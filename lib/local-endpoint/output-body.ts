import { JsonGrammar } from "@/lib/requests/json-grammar";
import { EnvelopeReader, MalformedEnvelope } from "@/lib/upstream/envelope";

/** What a worker says: raw JSON text per member; `output` stands apart, exactly as it was spelled. */
export type OutputBody = { members: ReadonlyMap<string, string>; output: string | undefined };

/**
 * Reads a worker's JSON object while it arrives. The output may be anything of any depth: it is checked to be JSON, and
 * never made into values.
 */
export class OutputBodyReader {
  private readonly output: Uint8Array[] = [];
  private readonly grammar = new JsonGrammar();
  private readonly envelope: EnvelopeReader;
  private isBroken = false;

  constructor(maxBytes: number) {
    this.envelope = new EnvelopeReader(
      "output",
      (bytes) => {
        this.output.push(bytes);
        this.grammar.push(bytes);
      },
      { smallMaxBytes: maxBytes },
    );
  }

  push(chunk: Uint8Array): void {
    if (this.isBroken) return;
    try {
      this.envelope.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    } catch (error) {
      if (!(error instanceof MalformedEnvelope)) throw error;
      this.isBroken = true;
    }
  }

  /** @throws SyntaxError when it is not a JSON object. */
  end(): OutputBody {
    try {
      if (this.isBroken) throw new SyntaxError("not a JSON object");
      const members = this.envelope.end();
      if (!members.has("output")) return { members, output: undefined };
      if (!this.grammar.end()) throw new SyntaxError("the output is not JSON");
      return { members, output: Buffer.concat(this.output).toString("utf8").trim() };
    } catch (cause) {
      throw new SyntaxError("not a JSON object", { cause });
    }
  }
}
