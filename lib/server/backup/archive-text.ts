/** A head names every table and column; far more than this is no head. */
const LINE_BYTES = 4_000_000;
const NEWLINE = 10;

/** Reads a text that comes in chunks: lines, and stretches up to a mark. */
export class ArchiveText {
  #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** @returns false at the end of the text */
  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done) return false;
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, next.value]) : next.value;
    return true;
  }

  async #moreOrFail(): Promise<void> {
    if (!(await this.#more())) throw new SyntaxError("the text ends too early");
  }

  /** The next line, without its end. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE);
      if (end !== -1) {
        const line = this.#rest.toString("utf8", 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > LINE_BYTES) throw new SyntaxError("a line is too long");
      await this.#moreOrFail();
    }
  }

  /**
   * Everything up to a line that is `mark`, which is read as well. To be called at the start of a line.
   * @param mark ends with a newline
   */
  async *until(mark: string): AsyncGenerator<Buffer> {
    const inside = Buffer.from(`\n${mark}`);
    while (this.#rest.length < mark.length) await this.#moreOrFail();
    if (this.#rest.subarray(0, mark.length).equals(inside.subarray(1))) {
      this.#rest = this.#rest.subarray(mark.length);
      return;
    }
    for (;;) {
      const at = this.#rest.indexOf(inside);
      if (at !== -1) {
        const rows = this.#rest.subarray(0, at + 1);
        this.#rest = this.#rest.subarray(at + inside.length);
        yield rows;
        return;
      }
      // The end of what is here may be the beginning of the mark.
      const sure = Math.max(0, this.#rest.length - inside.length + 1);
      const rows = this.#rest.subarray(0, sure);
      this.#rest = this.#rest.subarray(sure);
      if (rows.length > 0) yield rows;
      await this.#moreOrFail();
    }
  }

  async isOver(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#more());
  }
}
