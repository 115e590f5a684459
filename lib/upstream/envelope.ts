import { findJsonExcess } from "@/lib/requests/json-excess";

/**
 * Reads one JSON object as it arrives, byte by byte, without ever parsing the value of its big member: `output` is
 * handed on exactly as the provider spelled it (numbers, key order, escapes), and its depth and size cost nothing but
 * a scan. All other top-level members must be small.
 */
export class MalformedEnvelope extends Error {
  override readonly name = "MalformedEnvelope";
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const isBlank = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Enough for every field that the provider documents, and for an error with a long traceback. */
const SMALL_MEMBER_MAX_BYTES = 256 * 1024;

type Phase = "start" | "key-or-end" | "key" | "colon" | "value" | "after-value" | "done";

export class EnvelopeReader {
  private phase: Phase = "start";
  private key = "";
  private inString = false;
  private escaped = false;
  private depth = 0;
  private small: Buffer[] = [];
  private smallBytes = 0;
  private readonly members = new Map<string, string>();
  private readonly ignored: ReadonlySet<string>;
  private readonly smallMaxBytes: number;

  /**
   * @param bigMember name of the member to pass on.
   * @param sink receives its raw bytes in order; the buffers alias the pushed chunks.
   * @param ignored members to skip: they may be of any size and are not returned.
   * @param smallMaxBytes of all names and values but those.
   */
  constructor(
    private readonly bigMember: string,
    private readonly sink: (bytes: Buffer) => void,
    {
      ignored = new Set<string>(),
      smallMaxBytes = SMALL_MEMBER_MAX_BYTES,
    }: { ignored?: ReadonlySet<string>; smallMaxBytes?: number } = {},
  ) {
    this.ignored = ignored;
    this.smallMaxBytes = smallMaxBytes;
  }

  /** @throws MalformedEnvelope */
  push(chunk: Buffer): void {
    let i = 0;
    while (i < chunk.length) {
      if (this.phase === "key" || this.phase === "value") {
        i = this.token(chunk, i);
        continue;
      }
      const byte = chunk[i++]!;
      if (isBlank(byte)) continue;
      this.punctuation(byte, () => i--);
    }
  }

  /** The members that have been read whole already, as {@link end} returns them. */
  get soFar(): ReadonlyMap<string, string> {
    return this.members;
  }

  /** Raw JSON text per small member; each was checked by JSON.parse, but for what is too deep for that. @throws MalformedEnvelope when the object is not closed. */
  end(): Map<string, string> {
    if (this.phase !== "done") throw new MalformedEnvelope("the answer ends in the middle");
    return this.members;
  }

  private punctuation(byte: number, unread: () => void): void {
    const phase = this.phase;
    if (phase === "start" && byte === OPEN_BRACE) this.phase = "key-or-end";
    else if (phase === "key-or-end" && byte === QUOTE) {
      unread();
      this.phase = "key";
    } else if (phase === "key-or-end" && byte === CLOSE_BRACE && this.members.size === 0) this.phase = "done";
    else if (phase === "colon" && byte === COLON) {
      this.phase = "value";
    } else if (phase === "after-value" && byte === COMMA) this.phase = "key-or-end";
    else if (phase === "after-value" && byte === CLOSE_BRACE) this.phase = "done";
    else throw new MalformedEnvelope("the answer is not a JSON object");
  }

  /** Consume bytes of the present key or value; returns where it stopped. */
  private token(chunk: Buffer, from: number): number {
    let i = from;
    for (; i < chunk.length; i++) {
      if (this.inString) {
        i = this.stringEnd(chunk, i);
        if (i === chunk.length) break;
        this.inString = false;
        if (this.phase !== "key") continue;
        this.emit(chunk.subarray(from, i + 1));
        this.finishKey();
        return i + 1;
      }
      const byte = chunk[i]!;
      if (byte === QUOTE) this.inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (this.depth === 0) break;
        this.depth--;
      } else if (byte === COMMA && this.depth === 0) break;
    }
    this.emit(chunk.subarray(from, i));
    if (i < chunk.length) this.finishValue();
    return i;
  }

  /** Where the present string closes, or the chunk's length. Most of a large output is strings, so engines search them. */
  private stringEnd(chunk: Buffer, from: number): number {
    for (let at = this.escaped ? from + 1 : from; ; ) {
      this.escaped = false;
      const quote = chunk.indexOf(QUOTE, at);
      const end = quote < 0 ? chunk.length : quote;
      // An odd run of backslashes before it (not further back than here) escapes what follows.
      let slashes = 0;
      while (end - 1 - slashes >= at && chunk[end - 1 - slashes] === BACKSLASH) slashes++;
      const isEscaped = slashes % 2 === 1;
      if (quote < 0) {
        this.escaped = isEscaped;
        return chunk.length;
      }
      if (!isEscaped) return quote;
      at = quote + 1;
    }
  }

  private emit(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.phase === "value" && this.key === this.bigMember) {
      this.sink(bytes);
      return;
    }
    if (this.phase === "value" && this.ignored.has(this.key)) return;
    this.smallBytes += bytes.length;
    if (this.smallBytes > this.smallMaxBytes)
      throw new MalformedEnvelope(
        `a field beside "${this.bigMember}" is larger than ${this.smallMaxBytes / 1024} kB`,
      );
    this.small.push(Buffer.from(bytes));
  }

  private takeSmall(): string {
    const text = Buffer.concat(this.small).toString("utf8").trim();
    this.small = [];
    this.smallBytes = 0;
    return text;
  }

  private finishKey(): void {
    const key = parse(this.takeSmall());
    if (typeof key !== "string") throw new MalformedEnvelope("a name is not a text");
    this.key = key;
    if (this.key === this.bigMember && this.members.has(this.key))
      throw new MalformedEnvelope(`"${this.bigMember}" occurs twice`);
    this.phase = "colon";
  }

  private finishValue(): void {
    if (this.key !== this.bigMember && !this.ignored.has(this.key)) {
      const text = this.takeSmall();
      parse(text);
      this.members.set(this.key, text);
    } else this.members.set(this.key, "");
    this.phase = "after-value";
  }
}

/** @returns undefined, unchecked, for what would hold everybody up: whoever wants its value has to look first, too. */
function parse(text: string): unknown {
  if (findJsonExcess(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedEnvelope("the answer is not valid JSON");
  }
}
