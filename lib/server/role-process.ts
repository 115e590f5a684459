import { spawn } from "node:child_process";
import path from "node:path";
import { AppError } from "@/lib/kernel/errors";
import { EXIT } from "@/lib/server/exit-codes";
import { type KeptProcess, keepRunning } from "@/lib/server/keep-running";
import type { RoleName } from "@/lib/server/run-state";

const START_ATTEMPTS = 6;

/** Run one role as a child process, again and again, until it is stopped. */
export function startRole(
  role: RoleName,
  file: string,
  env: NodeJS.ProcessEnv,
  onChange: () => void,
): KeptProcess {
  return keepRunning({
    name: role,
    onChange,
    // Not fork(): that fails in the Turbopack build. A group of its own, so that Ctrl-C in a terminal reaches only the
    // supervisor, which stops everything in order.
    launch: async () =>
      spawn(process.execPath, ["--import", "tsx", file], {
        cwd: path.resolve(import.meta.dirname, "../.."),
        env: { ...env, JOBDECK_ROLE: role },
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        detached: true,
      }),
    untilReady: (child, ended) =>
      new Promise((resolve, reject) => {
        ended.addEventListener("abort", () => reject(ended.reason), { once: true });
        child.on("message", (message) => {
          if ((message as { type?: unknown } | null)?.type === "ready") resolve();
        });
      }),
    giveUp: ({ code }, attempts) => {
      if (code === EXIT.configuration)
        return new AppError("invalid", `The ${role} process cannot start, as said above.`);
      if (attempts < START_ATTEMPTS) return undefined;
      return new AppError("unavailable", `The ${role} process does not start; what it said is above.`);
    },
    stopPlan: [["SIGTERM", 3_300]],
    ownsGroup: true,
  });
}
