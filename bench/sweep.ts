import { Pool } from "undici";
import type { ActiveJob, Seat } from "@/bench/population";
import { uniform } from "@/bench/upstream/random";
import type { Upstream } from "@/bench/upstream/start";
import { db } from "@/lib/db/client";
import { isTerminal, observe } from "@/lib/jobs/lifecycle";
import { writeOutput } from "@/lib/jobs/output-store";
import { bumpRev, lockJobs, stateOf, writeState } from "@/lib/jobs/store";

/**
 * The peer of B2: every active job in turn, round and round, at the same rate of status requests, writing the same rows
 * through the product's own store. The order is shuffled once, so that its phase favours nobody.
 */
export function startSweep(options: {
  upstream: Upstream;
  seat: Seat;
  jobs: readonly ActiveJob[];
  ratePerSecond: number;
}): { add: (jobs: readonly ActiveJob[]) => void; stop: () => Promise<void> } {
  const { upstream, seat, ratePerSecond } = options;
  const origin = new URL(upstream.url).origin;
  const client = new Pool(origin, { connections: 64 });
  const place = new Map(options.jobs.map((active, index) => [active, uniform(1, index)]));
  let circle = [...options.jobs].sort((a, b) => place.get(a)! - place.get(b)!);
  let next = 0;
  const open = new Set<Promise<void>>();
  let failure: unknown;

  async function write(
    active: ActiveJob,
    at: Date,
    fields: Record<string, unknown>,
    output: string | undefined,
  ) {
    await db().transaction(async (tx) => {
      const rev = await bumpRev(tx, seat.workspaceId);
      const [row] = await lockJobs(tx, seat.workspaceId, [active.id]);
      if (!row) return;
      const before = stateOf(row);
      const after = observe(before, {
        at,
        upstreamId: active.upstreamId,
        status: String(fields.status),
        ...(typeof fields.delayTime === "number" && { delayMs: fields.delayTime }),
        ...(typeof fields.executionTime === "number" && { executionMs: fields.executionTime }),
      });
      if (after === before) return;
      await writeState(tx, row, after, rev);
      if (output !== undefined && isTerminal(after.status)) {
        const bytes = Buffer.from(output);
        await writeOutput(tx, row, { bytes: bytes.length, chunks: [bytes] });
      }
    });
  }

  const seenAs = new Map<string, string>();
  async function ask(active: ActiveJob): Promise<void> {
    const at = new Date();
    const answer = await client.request({
      method: "GET",
      path: `/v2/bench/status/${active.upstreamId}`,
      headers: { authorization: `Bearer ${upstream.key}` },
    });
    const fields = (await answer.body.json()) as Record<string, unknown>;
    if (answer.statusCode !== 200) return;
    const status = String(fields.status);
    if (status === (seenAs.get(active.id) ?? "IN_QUEUE")) return;
    seenAs.set(active.id, status);
    if (isTerminal(status)) {
      const at = circle.indexOf(active);
      circle.splice(at, 1);
      if (at < next) next--;
      seenAs.delete(active.id);
    }
    await write(active, at, fields, fields.output === undefined ? undefined : JSON.stringify(fields.output));
  }

  let credit = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    credit = Math.min(credit + ((now - last) * ratePerSecond) / 1000, ratePerSecond / 10);
    last = now;
    for (; credit >= 1 && circle.length > 0; credit--) {
      if (next >= circle.length) next = 0;
      const asking: Promise<void> = ask(circle[next++]!)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => open.delete(asking));
      open.add(asking);
    }
  }, 5);

  return {
    add(jobs) {
      circle = [...circle, ...jobs];
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      await client.close();
      if (failure) throw failure;
    },
  };
}
