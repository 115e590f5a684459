import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import path from "node:path";
import { AppError } from "@/lib/kernel/errors";

/** Whom PostgreSQL runs as when Jobdeck runs as root. */
export type RunAs = { uid: number; gid: number; name: string };

/**
 * PostgreSQL refuses to run as root. When we are root, it runs as the owner of the cluster that exists, else as
 * `postgres`, else as `nobody`.
 * @returns undefined when we are not root: PostgreSQL then runs as ourselves
 */
export function unprivilegedUser(cluster: string): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0)
    return { uid: owner.uid, gid: owner.gid, name: id("-nu", String(owner.uid)) ?? String(owner.uid) };
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = [Number(id("-u", name)), Number(id("-g", name))];
    if (uid > 0 && gid >= 0) return { uid, gid, name };
  }
  throw new AppError(
    "invalid",
    "PostgreSQL cannot run as root, and this system has neither a user `postgres` nor `nobody`. Start Jobdeck as an ordinary user, or set DATABASE_URL.",
  );
}

/** Whether the user may pass through a directory and everything above it, by the mode bits. */
export function canReach(directory: string, user: RunAs): boolean {
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const search = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if (!(mode & search)) return false;
    if (at === path.dirname(at)) return true;
  }
}

function id(flag: string, name: string): string | undefined {
  try {
    return execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined; // no such user
  }
}
