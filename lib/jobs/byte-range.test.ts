import { expect, it } from "vitest";
import { type ByteRange, readByteRange } from "@/lib/jobs/byte-range";

it.each<[name: string, header: string | null, expected: ByteRange | null | "unsatisfiable"]>([
  ["no header means the whole", null, null],
  ["a closed range", "bytes=0-9", { from: 0, to: 9 }],
  ["an open range goes to the end", "bytes=90-", { from: 90, to: 99 }],
  ["a suffix", "bytes=-10", { from: 90, to: 99 }],
  ["a suffix longer than the whole", "bytes=-1000", { from: 0, to: 99 }],
  ["an end behind the end is cut", "bytes=50-5000", { from: 50, to: 99 }],
  ["a start behind the end cannot be served", "bytes=100-", "unsatisfiable"],
  ["an empty suffix cannot be served", "bytes=-0", "unsatisfiable"],
  ["several ranges are ignored", "bytes=0-1,5-6", null],
  ["another unit is ignored", "items=0-1", null],
  ["a range that runs backwards is ignored", "bytes=9-3", null],
  ["nonsense is ignored", "bytes=a-b", null],
])("%s", (_name, header, expected) => expect(readByteRange(header, 100)).toEqual(expected));
