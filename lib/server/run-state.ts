import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  identify,
  isRunning,
  type ProcessIdentity,
  sendSignal,
  stopForeign,
} from "@/lib/server/process-identity";

export type RoleName = "web" | "collector";

/** What runs, for people who debug, for the fault tests, and for the next start if this one is killed. */
export type RunState = {
  supervisor: ProcessIdentity;
  startedAt: string;
  port: number;
  url: string;
  /** Only of the embedded PostgreSQL: that one holds no password. */
  databaseUrl?: string;
  processes: (ProcessIdentity & { role: RoleName | "postgres" })[];
};

/**
 * @param shared several Jobdecks may use the directory, because their data is elsewhere (DATABASE_URL): a file each
 */
export const stateFile = (dataDir: string, shared: boolean): string =>
  path.join(dataDir, "run", shared ? `state-${process.pid}.json` : "state.json");

export function writeState(
  file: string,
  state: Omit<RunState, "supervisor" | "processes">,
  pids: Pids,
): void {
  const processes = pids.flatMap(([role, pid]) => {
    const identity = pid === undefined ? undefined : identify(pid);
    return identity ? [{ role, ...identity }] : [];
  });
  const whole: RunState = { supervisor: identify(process.pid)!, ...state, processes };
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${JSON.stringify(whole, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export type Pids = [role: RoleName | "postgres", pid: number | undefined][];

/**
 * Stop the web and collector processes of supervisors that were killed. They leave by themselves when their supervisor is
 * gone; this is for those that hang. (The database is stopped by who starts the next one, see postgres.ts.)
 */
export async function stopOrphans(dataDir: string): Promise<void> {
  const directory = path.join(dataDir, "run");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(directory)) {
    if (!/^state(-\d+)?\.json$/.test(name)) continue;
    const file = path.join(directory, name);
    const state = readState(file);
    if (state && isRunning(state.supervisor) && state.supervisor.pid !== process.pid) continue;
    await Promise.all((state?.processes ?? []).map(stopOrphan));
    rmSync(file, { force: true });
  }
}

async function stopOrphan(orphan: RunState["processes"][number]): Promise<void> {
  if (orphan.role === "postgres" || !isRunning(orphan)) return;
  await stopForeign(orphan, [["SIGTERM", 4_000]]);
  sendSignal(-orphan.pid, "SIGKILL"); // each role leads a group: its workers go with it
}

export function readState(file: string): RunState | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as RunState;
  } catch {
    return undefined; // none, or not one of ours
  }
}
