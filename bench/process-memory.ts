import { readdirSync, readFileSync } from "node:fs";

/** The process and everything that it started, from /proc. */
function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = fieldOf(`/proc/${name}/status`, "PPid");
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const family = [pid];
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family;
}

function fieldOf(file: string, name: string): number | undefined {
  try {
    const match = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(file, "utf8"));
    return match ? Number(match[1]) : undefined;
  } catch {
    return undefined; // it ended meanwhile
  }
}

/**
 * Memory of a process with all its descendants, in MB: proportional set size, so that pages which PostgreSQL's processes
 * share count once. Linux only.
 */
export function familyMemoryMb(pid: number): number {
  const kb = familyOf(pid).reduce(
    (sum, member) => sum + (fieldOf(`/proc/${member}/smaps_rollup`, "Pss") ?? 0),
    0,
  );
  return kb / 1024;
}

/** Clock ticks per second of /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time that one process has used so far, its threads included, its children not. Linux only. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces; user and system time are the 12th and 13th field behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
