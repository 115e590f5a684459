import { inArray } from "drizzle-orm";
import { db } from "@/lib/db/client";
import { job } from "@/lib/db/tables/jobs";
import { GroupedCalls } from "@/lib/kernel/grouped-calls";
import { tokenHash } from "@/lib/kernel/ids";
import { once } from "@/lib/kernel/once";

/**
 * Unknown tokens of late. Nobody can name a token before its job is journaled, so "unknown" stays true; a minute is for
 * a database that was restored meanwhile.
 */
const FORGET_MS = 60_000;
const REMEMBERED = 10_000;
const HASHES_PER_QUERY = 1_000;

type Lookup = { asked: GroupedCalls<string, boolean>; unknown: Map<string, number> };

/**
 * All questions of a process that come while one is under way are one query together. So strangers who try tokens, be
 * it many or one again and again, cost the database one small query at a time, and no limit keeps a real call out.
 */
const lookup = once(
  "hook-tokens",
  (): Lookup => ({ asked: new GroupedCalls(findKnown), unknown: new Map() }),
);

async function findKnown(hashes: string[]): Promise<boolean[]> {
  const known = new Set<string>();
  for (let from = 0; from < hashes.length; from += HASHES_PER_QUERY) {
    const found = await db()
      .select({ hash: job.hookTokenHash })
      .from(job)
      .where(inArray(job.hookTokenHash, hashes.slice(from, from + HASHES_PER_QUERY)));
    for (const { hash } of found) known.add(hash);
  }
  return hashes.map((hash) => known.has(hash));
}

/** Whether a job has this token: asked before a body is read, because strangers may send large ones. */
export async function isKnownToken(token: string): Promise<boolean> {
  const { asked, unknown } = lookup;
  const hash = tokenHash(token);
  const since = unknown.get(hash);
  if (since !== undefined && performance.now() - since < FORGET_MS) return false;
  if (await asked.call(hash)) return true;
  unknown.delete(hash);
  unknown.set(hash, performance.now());
  // A map keeps the order of insertion: the first is the oldest.
  if (unknown.size > REMEMBERED) unknown.delete(unknown.keys().next().value ?? "");
  return false;
}
