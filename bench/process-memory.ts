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
