import type { OutputBytes } from "@/lib/upstream/client";

/** A progress value is small by nature; a large one is not worth a database write per poll. */
const PROGRESS_MAX_BYTES = 64 * 1024;

export function progressText(output: OutputBytes | null): string | undefined {
  if (!output?.chunks || output.bytes > PROGRESS_MAX_BYTES) return undefined;
  return Buffer.concat(output.chunks).toString("utf8").trim().replaceAll("\u0000", "");
}

/** A handler that returned nothing, or a generator without an aggregate. */
export function isNothing(output: OutputBytes | null): boolean {
  if (!output) return true;
  if (!output.chunks || output.bytes > 64) return false;
  return /^\s*(null|\[\s*\])?\s*$/.test(Buffer.concat(output.chunks).toString("utf8"));
}
