import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { AppError } from "@/lib/kernel/errors";
import { identityOf, type PostgresBinaries } from "@/lib/server/postgres-binaries";
import { canReach, type RunAs } from "@/lib/server/run-as";

/** Owns the database `jobdeck` and nothing else; the programs of Jobdeck connect as this role. */
const ROLE = "jobdeck";
/** The cluster's superuser: makes databases, for the supervisor and the tests only. */
const ADMIN = "postgres";

const POINTER = "postgres.location";

/** Where the cluster of a data directory that was used before lies. */
export function chosenHome(dataDir: string): string {
  const pointer = path.join(dataDir, POINTER);
  return existsSync(pointer) ? readFileSync(pointer, "utf8").trim() : dataDir;
}

/**
 * The directory that holds the cluster and, where needed, a copy of PostgreSQL's programs.
 *
 * That is the data directory, unless PostgreSQL must run as another user who cannot get there (a clone below a private
 * home). Then it is a directory of its own below /var/lib, and a file in the data directory says where.
 */
export function clusterHome(dataDir: string, user: RunAs | undefined, note: (line: string) => void): string {
  const pointer = path.join(dataDir, POINTER);
  if (existsSync(pointer)) return chosenHome(dataDir);
  if (!user || canReach(dataDir, user)) return dataDir;
  const hash = createHash("sha256").update(realpathSync(dataDir)).digest("hex").slice(0, 12);
  const home = `/var/lib/jobdeck/${hash}`;
  mkdirSync(home, { recursive: true, mode: 0o755 });
  writeFileSync(pointer, `${home}\n`, { flush: true });
  note(`The database is kept in ${home}: PostgreSQL runs as ${user.name}, who cannot enter ${dataDir}.`);
  return home;
}

/** Make the cluster if there is none. An interrupted attempt leaves nothing that is taken for a cluster. */
export async function ensureCluster(
  directory: string,
  binaries: PostgresBinaries,
  user: RunAs | undefined,
): Promise<void> {
  if (!existsSync(path.join(directory, "PG_VERSION"))) await initCluster(directory, binaries, user);
  const major = readFileSync(path.join(directory, "PG_VERSION"), "utf8").trim();
  if (major !== binaries.major)
    throw new AppError(
      "conflict",
      `The database in ${directory} was made by PostgreSQL ${major}; this Jobdeck comes with ${binaries.major}. Take a backup with the Jobdeck that made it (jobdeck backup), and restore it with this one (jobdeck restore) into a new JOBDECK_DATA_DIR.`,
    );
  writeAccessRules(directory, user);
}

async function initCluster(
  directory: string,
  { initdb }: PostgresBinaries,
  user: RunAs | undefined,
): Promise<void> {
  const draft = `${directory}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  if (user) chownSync(draft, user.uid, user.gid);
  const flags = [
    ...["--pgdata", draft, "--username", ADMIN, "--auth", "peer", "--data-checksums", "--encoding", "UTF8"],
    // PostgreSQL's own collation: the operating system's changes under the indexes when the system is upgraded.
    ...["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
  ];
  try {
    await promisify(execFile)(initdb, flags, { ...identityOf(user), cwd: draft, env: postgresEnv() });
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    throw new AppError(
      "unavailable",
      `The database could not be created in ${directory}: ${(stderr || message).trim()}`,
      { cause },
    );
  }
  renameSync(draft, directory);
}

/** Nothing of ours, and no PG* variable, reaches the server. NODE_ENV only because Next's types demand it. */
export const postgresEnv = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  LC_ALL: "C",
  NODE_ENV: process.env.NODE_ENV,
});

/**
 * Who may connect: the operating system says who is at the other end of the socket, so there is no password to keep, to
 * log or to lose. Nobody comes in over the network.
 */
function writeAccessRules(directory: string, user: RunAs | undefined): void {
  const me = userInfo().username;
  const people = new Set([me, ...(user ? [user.name] : [])]);
  const map = [...people].flatMap((name) => [ROLE, ADMIN].map((role) => `jobdeck "${name}" ${role}`));
  for (const [file, lines] of [
    ["pg_hba.conf", ["local all all peer map=jobdeck"]],
    ["pg_ident.conf", map],
  ] as const) {
    const target = path.join(directory, file);
    const draft = `${target}.new`;
    writeFileSync(draft, `# Written by Jobdeck at every start.\n${lines.join("\n")}\n`, { mode: 0o600 });
    if (user) chownSync(draft, user.uid, user.gid);
    renameSync(draft, target);
  }
}

/** A connection string for the socket in `socketDir`. The port is only part of the socket's name. */
export const socketUrl = (socketDir: string, role: string, database: string): string =>
  `postgresql://${role}@localhost:5432/${database}?host=${encodeURIComponent(socketDir)}`;

export const adminUrl = (socketDir: string): string => socketUrl(socketDir, ADMIN, "postgres");

export const appUrl = (socketDir: string): string => socketUrl(socketDir, ROLE, ROLE);

/** The role and the database that Jobdeck lives in; safe to repeat after any interruption. */
export async function ensureDatabase(socketDir: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl(socketDir) });
  await client.connect();
  try {
    const role = await client.query("select from pg_roles where rolname = $1", [ROLE]);
    if (role.rowCount === 0) await client.query(`create role ${ROLE} login`);
    const database = await client.query("select from pg_database where datname = $1", [ROLE]);
    if (database.rowCount === 0) await client.query(`create database ${ROLE} owner ${ROLE}`);
  } finally {
    await client.end();
  }
}
