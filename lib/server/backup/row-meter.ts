import { createHash } from "node:crypto";
import { type Count, nameOf, type Table } from "@/lib/server/backup/manifest";

const NEWLINE = 10;

/** Counts and hashes rows that pass by. */
export class RowMeter {
  #rows = 0;
  #bytes = 0;
  #hash = createHash("sha256");

  /** In COPY's text format a newline inside a value is written as `\n`, so each newline byte ends a row. */
  add(chunk: Buffer): void {
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) this.#rows++;
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Ends the count. */
  total(table: Table): Count {
    return { table: nameOf(table), rows: this.#rows, sha256: this.#hash.digest("hex") };
  }
}

export async function* metered(
  rows: AsyncIterable<Buffer>,
  meter: RowMeter,
  onChunk: (meter: RowMeter) => void = () => {},
): AsyncGenerator<Buffer> {
  for await (const chunk of rows) {
    meter.add(chunk);
    onChunk(meter);
    yield chunk;
  }
}

/** @returns the tables whose counts differ, or that only one side has */
export function differing(left: readonly Count[], right: readonly Count[]): string[] {
  const spell = ({ rows, sha256 }: Count): string => `${rows} ${sha256}`;
  const [a, b] = [left, right].map((side) => new Map(side.map((count) => [count.table, spell(count)])));
  return [...new Set([...a!.keys(), ...b!.keys()])].filter((table) => a!.get(table) !== b!.get(table));
}
