import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process for good: a pid alone is reused, a pid with its start is not. */
export type ProcessIdentity = { pid: number; startMark: string };

/**
 * A string that two processes with the same pid never share: boot id and start tick on Linux, the start second
 * elsewhere.
 * @returns undefined when no such process runs. A zombie does not run: it only waits to be reaped.
 */
export function startMark(pid: number): string | undefined {
  return process.platform === "linux" ? markFromProc(pid) : markFromPs(pid);
}

export const identify = (pid: number): ProcessIdentity | undefined => {
  const mark = startMark(pid);
  return mark === undefined ? undefined : { pid, startMark: mark };
};

export const isRunning = ({ pid, startMark: mark }: ProcessIdentity): boolean => startMark(pid) === mark;

/** The command line, arguments joined by blanks; "" when the process is gone. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === "linux")
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return ps(pid, "command=");
  } catch {
    return ""; // gone
  }
}

/**
 * Stop a process that is not our child: each signal in turn with its time to obey, and SIGKILL at last.
 * @returns once it no longer runs
 */
export async function stopForeign(
  process_: ProcessIdentity,
  plan: readonly [signal: NodeJS.Signals, waitMs: number][],
): Promise<void> {
  for (const [signal, waitMs] of [...plan, ["SIGKILL", 5_000] as const]) {
    if (!isRunning(process_)) return;
    sendSignal(process_.pid, signal);
    for (const end = Date.now() + waitMs; isRunning(process_) && Date.now() < end; ) await sleep(25);
  }
}

/** Signal a process, or a whole group by a negative pid; one that is already gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function markFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 2 is the name in brackets and may hold anything; what follows the last bracket is fields 3, 4, …
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

function markFromPs(pid: number): string | undefined {
  try {
    const [state, ...start] = ps(pid, "stat=,lstart=").split(/\s+/);
    return !state || state.startsWith("Z") ? undefined : start.join(" ");
  } catch {
    return undefined; // ps exits with 1 when there is no such process
  }
}

const ps = (pid: number, columns: string): string =>
  execFileSync("ps", ["-ww", "-o", columns, "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
