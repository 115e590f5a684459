import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { ROOT } from "@/bench/server-process";
import type { Counters } from "@/bench/upstream/counters";

const readySchema = z.object({ url: z.string(), key: z.string() });

export type UpstreamProcess = {
  url: string;
  key: string;
  /** Ends it. @returns what it counted. */
  stop: () => Promise<Counters>;
};

/**
 * The scriptable upstream as a process of its own, so that its work is done neither on the product's event loop nor on the
 * peer's. Arguments as on its command line.
 */
export async function spawnUpstream(args: readonly string[]): Promise<UpstreamProcess> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", path.join(ROOT, "bench/upstream/main.ts"), "--port", "0", ...args],
    { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error("the upstream did not start");
  const { url, key } = readySchema.parse(JSON.parse(first.value));
  return {
    url,
    key,
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGINT");
      const last = await lines.next();
      await end(child, gone);
      if (last.done) throw new Error("the upstream told no counters");
      return JSON.parse(last.value) as Counters;
    },
  };
}

async function end(child: ChildProcess, gone: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(timer);
}
