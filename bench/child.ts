import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { ROOT } from "@/bench/server-process";

export type Child = { pid: number; stop: () => Promise<void> };

/** Starts a TypeScript program of this repository as the supervisor starts a role; resolves when it says that it is ready. */
export async function spawnReady(
  file: string,
  env: Record<string, string>,
  args: string[] = [],
): Promise<Child> {
  const child = spawn(process.execPath, ["--import", "tsx", path.join(ROOT, file), ...args], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const gone = once(child, "exit");
  const ready = new Promise<"ready">((resolve) => child.once("message", () => resolve("ready")));
  if ((await Promise.race([ready, gone])) !== "ready") throw new Error(`${file} ended before it was ready`);
  return {
    pid: child.pid!,
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await gone;
      clearTimeout(timer);
    },
  };
}
