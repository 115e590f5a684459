import { type Claim, LEASE_SECONDS } from "@/lib/collector/claim";
import type { Db } from "@/lib/db/client";
import { isTerminal } from "@/lib/jobs/lifecycle";
import {
  addToDraft,
  dropDraft,
  type KeptOutput,
  OUTPUT_CHUNK_BYTES,
  openDraft,
} from "@/lib/jobs/output-store";
import { failpoint } from "@/lib/kernel/failpoint";
import type { OutputBytes } from "@/lib/upstream/job-answer";

/** A progress value is small by nature; a large one is not worth a database write per poll. */
const PROGRESS_MAX_BYTES = 64 * 1024;

export function progressText(output: OutputBytes | null): string | undefined {
  if (output?.kind !== "held" || output.bytes > PROGRESS_MAX_BYTES) return undefined;
  return Buffer.concat(output.chunks).toString("utf8").trim().replaceAll("\u0000", "");
}

/** A handler that returned nothing, or a generator without an aggregate. */
export function isNothing(output: OutputBytes | null): boolean {
  if (!output) return true;
  if (output.kind !== "held" || output.bytes > 64) return false;
  return /^\s*(null|\[\s*\])?\s*$/.test(Buffer.concat(output.chunks).toString("utf8"));
}

/** The job was taken over by another collector while its output arrived. */
export class TakenOver extends Error {
  override readonly name = "TakenOver";
}

/**
 * Stores a large output while it arrives, chunk by chunk, as a draft that nobody sees. The transaction that ends the job
 * makes it the output; whatever happens before leaves the job without one, and it is fetched again.
 */
export class OutputDraft {
  private outputId: string | null = null;
  private rest = Buffer.alloc(0);
  private seq = 0;

  constructor(
    private readonly db: Db,
    private readonly workspaceId: string,
    private readonly claim: Pick<Claim, "jobId" | "fence">,
  ) {}

  /** A {@link TakeOutput}. @throws TakenOver */
  readonly take = async (part: Buffer, status: string | undefined): Promise<boolean> => {
    if (status !== undefined && !isTerminal(status)) return false;
    this.outputId ??= await openDraft(this.db, { workspaceId: this.workspaceId, id: this.claim.jobId });
    let left = Buffer.concat([this.rest, part]);
    for (; left.length >= OUTPUT_CHUNK_BYTES; left = left.subarray(OUTPUT_CHUNK_BYTES))
      await this.store(left.subarray(0, OUTPUT_CHUNK_BYTES));
    this.rest = left;
    return true;
  };

  /** What the job gets; the draft is whole then. @throws TakenOver */
  async keep(output: OutputBytes, limitBytes: number): Promise<KeptOutput> {
    const { bytes } = output;
    if (output.kind === "held") return { bytes, chunks: output.chunks };
    if (output.kind !== "taken" || this.outputId === null) return { bytes, limitBytes };
    if (this.rest.length > 0) await this.store(this.rest);
    this.rest = Buffer.alloc(0);
    failpoint("output-drafted");
    return { bytes, outputId: this.outputId };
  }

  /** Call it when all is over: does nothing when there is no draft, or the job has taken it. */
  async drop(): Promise<void> {
    if (this.outputId !== null) await dropDraft(this.db, this.outputId);
  }

  private async store(data: Buffer): Promise<void> {
    const { workspaceId, claim, outputId } = this;
    if (outputId === null) throw new Error("a draft is opened first");
    const draft = { workspaceId, outputId, ...claim, leaseSeconds: LEASE_SECONDS };
    if (!(await addToDraft(this.db, draft, this.seq++, data)))
      throw new TakenOver("another collector has this job now");
    failpoint("output-chunk");
  }
}
