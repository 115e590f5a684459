import { z } from "zod";
import { findJsonExcess } from "@/lib/requests/json-excess";

/** PostgreSQL text cannot hold U+0000. */
const storable = (value: string) => value.replaceAll("\u0000", "\ufffd");

/** Any scalar where text is expected: providers and proxies are not strict, and a job must not be lost over it. */
const text = z.union([z.string(), z.number().transform(String)]).transform(storable);
const duration = z
  .number()
  .refine(Number.isFinite)
  .transform((ms) => Math.min(Math.max(0, Math.round(ms)), Number.MAX_SAFE_INTEGER));

/** JSON text of a value that came from JSON; null for one so deep (some thousand levels) that the engine cannot write it. */
export function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Errors are strings by contract, JSON by habit, objects by accident. */
const errorText = z.unknown().transform((value) => {
  if (value === undefined || value === null) return undefined;
  const text =
    typeof value === "string" ? value : (jsonText(value) ?? "The error is nested too deeply to be shown.");
  return storable(text).slice(0, 64 * 1024);
});

/** The top-level fields of a job object, without its output. A wrong optional field is dropped, never the job. */
export const jobFieldsSchema = z.object({
  id: text.pipe(z.string().min(1).max(200)),
  status: z.string().min(1).max(64).transform(storable),
  workerId: text.optional().catch(undefined),
  delayTime: duration.optional().catch(undefined),
  executionTime: duration.optional().catch(undefined),
  retries: z.number().int().min(0).max(1_000_000).optional().catch(undefined),
  error: errorText.optional(),
});
export type JobFields = z.output<typeof jobFieldsSchema>;

export const runReplySchema = z.object({
  id: text.pipe(z.string().min(1).max(200)),
  status: z.string().optional().catch(undefined),
});

/** Without `jobs` it is some other program's answer. */
const counters = z
  .record(z.string(), z.unknown())
  .transform((named) =>
    Object.fromEntries(
      Object.entries(named).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
    ),
  );
export const healthReplySchema = z.object({ jobs: counters, workers: counters.catch({}) });

/** What a page has to say, it says before this. */
const PAGE_MAX_LENGTH = 64 * 1024;

/**
 * The provider's words out of an error reply of any shape, for people. At most 500 characters, no markup. Linear in the
 * length whatever the page holds: it comes from strangers.
 */
export function errorWords(body: string): string {
  let said = body;
  try {
    if (findJsonExcess(body)) throw new SyntaxError("not worth its parsing");
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) {
      const { error, message, detail, title } = value as Record<string, unknown>;
      const word = [error, message, detail, title].find((w) => typeof w === "string" && w !== "");
      said = typeof word === "string" ? word : (jsonText(value) ?? "");
    }
  } catch {
    said = body
      .slice(0, PAGE_MAX_LENGTH)
      .replace(/<(style|script)[\s\S]*?(?:<\/\1>|$)/gi, " ")
      .replace(/<[^<>]*>/g, " ");
  }
  return storable(said).replace(/\s+/g, " ").trim().slice(0, 500);
}
