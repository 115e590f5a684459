/**
 * The peer of B8: watches jobs as one does without a planner, a promise and a timer for each, all together at the rate that
 * the provider allows. Arguments: the address of the status requests, how many jobs (none: the same program, idle).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { fullRate } from "@/lib/upstream/budget";

const [url = "", count = "0"] = process.argv.slice(2);
const jobs = Number(count);
const { origin, pathname } = new URL(url);
const pool = new Pool(origin, { connections: 64 });
const everyMs = (jobs * 1000) / fullRate("status").ratePerSecond;

async function watch(id: string, firstInMs: number): Promise<void> {
  await sleep(firstInMs);
  for (;;) {
    const answer = await pool.request({ method: "GET", path: `${pathname}/status/${id}` });
    const { status } = (await answer.body.json()) as { status: string };
    if (status !== "IN_QUEUE" && status !== "IN_PROGRESS") return;
    await sleep(everyMs);
  }
}

for (let n = 0; n < jobs; n++) void watch(`job-${n}`, (n * everyMs) / jobs);
process.on("SIGTERM", () => process.exit(0));
setInterval(() => {}, 60_000); // stays when it has no jobs
process.send?.({ type: "ready" });
