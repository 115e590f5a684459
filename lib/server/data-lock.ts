import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@/lib/kernel/errors";
import { newId } from "@/lib/kernel/ids";
import { identify, isRunning, type ProcessIdentity } from "@/lib/server/process-identity";

type Holder = ProcessIdentity & { startedAt: string; hostname: string; pidSpace: string };

const BEAT_MS = 1_000;
/** Longer than several beats, so that one slow disk flush does not look like death. */
const FOREIGN_WATCH_MS = 4_000;

/**
 * Hold a directory for this process until it ends.
 *
 * The lock is the highest of the files `lock.1`, `lock.2`, …: linking the next number is atomic, so of several processes
 * that find the same dead holder only one takes over, and the highest file is never removed, so that nobody can slip in
 * underneath. The holder's death frees the lock; nothing needs to be cleaned up after a kill -9.
 *
 * A holder in another container or on another host (a shared volume) cannot be looked up by its pid; it is alive as long
 * as it keeps touching its file.
 * @throws AppError `conflict` at once, naming the holder
 */
export async function lockDirectory(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const me: Holder = {
    ...identify(process.pid)!,
    startedAt: new Date(Date.now() - process.uptime() * 1000).toISOString(),
    hostname: hostname(),
    pidSpace: pidSpace(),
  };
  const draft = path.join(directory, `draft.${newId()}`);
  writeFileSync(draft, JSON.stringify(me), { mode: 0o600, flush: true });
  try {
    for (;;) {
      const last = highest(directory);
      if (last > 0) await refuseIfHeld(directory, fileOf(directory, last), me);
      const mine = fileOf(directory, last + 1);
      if (!link(draft, mine)) continue; // somebody was faster: look again
      if (highest(directory) !== last + 1) {
        rmSync(mine, { force: true });
        continue;
      }
      for (const number of numbers(directory))
        if (number <= last) rmSync(fileOf(directory, number), { force: true });
      setInterval(() => touch(mine), BEAT_MS).unref();
      return;
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

const fileOf = (directory: string, number: number): string => path.join(directory, `lock.${number}`);

const numbers = (directory: string): number[] =>
  readdirSync(directory).flatMap((name) => (/^lock\.\d+$/.test(name) ? [Number(name.slice(5))] : []));

const highest = (directory: string): number => Math.max(0, ...numbers(directory));

async function refuseIfHeld(directory: string, file: string, me: Holder): Promise<void> {
  const holder = readHolder(file);
  if (!holder) return; // replaced meanwhile, or cut short by a full disk: linking decides
  const near = holder.hostname === me.hostname && holder.pidSpace === me.pidSpace;
  if (near ? !isRunning(holder) : !(await beats(file))) return;
  const where = near ? "" : ` on host ${holder.hostname}`;
  throw new AppError(
    "conflict",
    `The data directory ${path.dirname(directory)} is in use by another Jobdeck: process ${holder.pid}${where}, started at ${holder.startedAt}. Stop that one first, or set JOBDECK_DATA_DIR to another directory.`,
  );
}

async function beats(file: string): Promise<boolean> {
  const before = mtime(file);
  await sleep(FOREIGN_WATCH_MS);
  return before !== undefined && mtime(file) !== before;
}

const mtime = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // The data directory was removed under a running Jobdeck: there is nothing left to protect.
  }
}

function pidSpace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "only"; // no pid namespaces on this system
  }
}
