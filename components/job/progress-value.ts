/**
 * Workers report progress in any shape. A share is read from the usual ones: a number from 0 to 100 or a text such as
 * "40 %", at the top or under progress/percent/percentage; or step of total.
 * @returns 0..1, or null when the value names no share.
 */
export function progressShare(value: unknown, depth = 0): number | null {
  if (typeof value === "number") return share(value, value > 0 && value < 1 ? 1 : 100);
  if (typeof value === "string") {
    const percent = /(\d+(?:\.\d+)?)\s*%/.exec(value);
    const ofTotal = /^\D*(\d+)\s*(?:\/|of)\s*(\d+)/.exec(value);
    if (percent) return share(Number(percent[1]), 100);
    return ofTotal ? share(Number(ofTotal[1]), Number(ofTotal[2])) : null;
  }
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return null;
  const fields = value as Record<string, unknown>;
  for (const name of ["progress", "percent", "percentage", "percent_complete"])
    if (name in fields) return progressShare(fields[name], depth + 1);
  const total = fields.total ?? fields.steps ?? fields.total_steps;
  const step = fields.step ?? fields.current ?? fields.completed;
  return typeof step === "number" && typeof total === "number" ? share(step, total) : null;
}

/** `{progress: {percent: 40}}` is found, nonsense ends. */
const MAX_DEPTH = 3;

const share = (part: number, whole: number): number | null =>
  whole > 0 && Number.isFinite(part) && part >= 0 && part <= whole ? part / whole : null;

/** The words of a progress value: its message, or a short JSON. */
export function progressWords(value: unknown): string {
  if (typeof value === "string") return value.slice(0, 200);
  if (typeof value === "object" && value !== null) {
    const { message, status, stage } = value as Record<string, unknown>;
    for (const words of [message, status, stage]) if (typeof words === "string") return words.slice(0, 200);
  }
  return progressShare(value) === null ? shortJson(value) : "";
}

/** A worker may report anything, also what is too deep to be written. */
function shortJson(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? "").slice(0, 200);
  } catch {
    return ""; // nested some thousand levels deep: nothing that words could say
  }
}
