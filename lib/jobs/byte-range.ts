/** Inclusive, as in `Content-Range`. */
export type ByteRange = { from: number; to: number };

/**
 * One range of RFC 9110 §14 (`bytes=0-99`, `bytes=100-`, `bytes=-50`).
 * @returns null when the whole is to be sent: no header, another unit, several ranges or nonsense, all of which a server
 *   may ignore; "unsatisfiable" when it starts behind the end.
 */
export function readByteRange(header: string | null, size: number): ByteRange | null | "unsatisfiable" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const [first, last] = [match[1]!, match[2]!];
  if (first === "") {
    const length = Number(last);
    return length === 0 || size === 0 ? "unsatisfiable" : { from: Math.max(0, size - length), to: size - 1 };
  }
  const from = Number(first);
  if (from >= size) return "unsatisfiable";
  const to = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return to < from ? null : { from, to };
}
