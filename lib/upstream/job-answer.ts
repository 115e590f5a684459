import type { Readable } from "node:stream";
import { findJsonExcess } from "@/lib/requests/json-excess";
import { EnvelopeReader, MalformedEnvelope } from "@/lib/upstream/envelope";

/** Raw JSON text of an output. */
export type OutputBytes = { bytes: number } & (
  | { kind: "held"; chunks: Buffer[] }
  /** Every byte of it was handed to the taker. */
  | { kind: "taken" }
  /** The taker wanted none of it. */
  | { kind: "unwanted" }
  /** Larger than the cap. A size of {@link READ_ON} times the cap means: at least that. */
  | { kind: "over" }
);

/**
 * Takes a large output as it arrives, in order, each part when the one before is done with.
 * @param status the word that stood before the output in the answer; some providers put it behind
 * @returns false when this output is not wanted
 */
export type TakeOutput = (part: Buffer, status: string | undefined) => Promise<boolean>;

/** Keeps a failure of ours apart from the endpoint's. */
export class TakeFailed extends Error {
  constructor(override readonly cause: unknown) {
    super("an output could not be taken");
  }
}

/** An output up to this size comes with the answer; a larger one goes to its taker, in parts of about this size. */
const HELD_MAX_BYTES = 512 * 1024;
/** An answer whose output is over the cap is read on, for its real size and the fields behind it, up to so many caps. */
export const READ_ON = 4;

export type JobAnswer = {
  /** Raw JSON text per member; that of the output is empty. */
  members: ReadonlyMap<string, string>;
  output: OutputBytes | null;
};

type Options = {
  maxOutputBytes: number;
  /** Without it outputs of any size up to the cap are held. */
  take?: TakeOutput | undefined;
  /** Called for each part's worth of bytes: whoever waits may go on waiting. */
  moves: () => void;
};

/**
 * Read a job object as it arrives. However large it is, no more than one part of its output is held.
 * @throws MalformedEnvelope, TakeFailed, and what breaks the stream
 */
export async function readJobAnswer(body: Readable, options: Options): Promise<JobAnswer> {
  const intake = new Intake(options);
  const reader = new EnvelopeReader("output", (bytes) => intake.push(bytes));
  let unannounced = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    reader.push(chunk);
    await intake.handOn(reader.soFar, HELD_MAX_BYTES);
    unannounced += chunk.length;
    if (unannounced >= HELD_MAX_BYTES) {
      unannounced = 0;
      options.moves();
    }
    if (intake.bytes <= READ_ON * options.maxOutputBytes) continue;
    if (!reader.soFar.has("status") || !reader.soFar.has("id"))
      throw new MalformedEnvelope(
        `it has more than ${READ_ON} times what is kept, and no status before that`,
      );
    return {
      members: reader.soFar,
      output: { kind: "over", bytes: READ_ON * options.maxOutputBytes },
    };
  }
  const members = reader.end();
  return { members, output: members.has("output") ? await intake.end(members) : null };
}

class Intake {
  bytes = 0;
  private kind: OutputBytes["kind"] = "held";
  private held: Buffer[] = [];
  private heldBytes = 0;

  constructor(private readonly options: Options) {}

  push(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes > this.options.maxOutputBytes) this.kind = "over";
    if (this.kind === "over" || this.kind === "unwanted") {
      this.held = [];
      this.heldBytes = 0;
      return;
    }
    this.held.push(part);
    this.heldBytes += part.length;
  }

  async handOn(members: ReadonlyMap<string, string>, atLeast: number): Promise<void> {
    const { take } = this.options;
    if (!take || this.heldBytes < atLeast) return;
    const part = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    try {
      this.kind = (await take(part, wordOf(members.get("status")))) ? "taken" : "unwanted";
    } catch (cause) {
      throw new TakeFailed(cause);
    }
  }

  async end(members: ReadonlyMap<string, string>): Promise<OutputBytes> {
    if (this.kind === "taken") await this.handOn(members, 1);
    const { kind, bytes } = this;
    return kind === "held" ? { kind, bytes, chunks: this.held } : { kind, bytes };
  }
}

/** The text of a JSON string. What may be parsed was checked when it was read. */
const wordOf = (raw: string | undefined): string | undefined => {
  const value: unknown = raw === undefined || findJsonExcess(raw) ? undefined : JSON.parse(raw);
  return typeof value === "string" ? value : undefined;
};
