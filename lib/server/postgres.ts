import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@/lib/kernel/errors";
import { lockDirectory } from "@/lib/server/data-lock";
import { keepRunning } from "@/lib/server/keep-running";
import { findBinaries, identityOf, type PostgresBinaries } from "@/lib/server/postgres-binaries";
import {
  adminUrl,
  appUrl,
  clusterHome,
  ensureCluster,
  ensureDatabase,
  postgresEnv,
} from "@/lib/server/postgres-cluster";
import { commandLine, identify, stopForeign } from "@/lib/server/process-identity";
import { canReach, type RunAs, unprivilegedUser } from "@/lib/server/run-as";

export type EmbeddedPostgres = {
  /** For Jobdeck's own role and database. */
  url: string;
  /** For the cluster's superuser. */
  adminUrl: string;
  socketDir: string;
  pid: () => number | undefined;
  stop: () => Promise<void>;
};

type Options = {
  /** Exists, and the caller holds its lock. */
  dataDir: string;
  /** Told in words what a person should know, for example that files were put elsewhere. */
  note: (line: string) => void;
  settings?: Record<string, string>;
  onChange?: () => void;
};

/** Linux allows 107 bytes for a socket's path, macOS 103. */
const SOCKET_PATH_BYTES = 103;
const SOCKET_DIR = /^jobdeck-[A-Za-z0-9]{6}$/;
const LOG_BYTES = 10_000_000;
const START_ATTEMPTS = 6;

/**
 * Run PostgreSQL on the data directory, again and again if it dies, until `stop`. Reachable through a socket in a private
 * directory only. A server that an earlier Jobdeck left behind on the same data is stopped first.
 */
export async function startPostgres(options: Options): Promise<EmbeddedPostgres> {
  const { dataDir, note } = options;
  const user = unprivilegedUser(path.join(dataDir, "postgres"));
  const home = clusterHome(dataDir, user, note);
  const directory = path.join(home, "postgres");
  // A data directory that was copied still points to the first one's cluster.
  if (home !== dataDir) await lockDirectory(path.join(home, "run"));
  await stopLeftBehind(directory);
  const binaries = await findBinaries(user ? path.dirname(home) : home, user, note);
  await ensureCluster(directory, binaries, user);

  const socketDir = makeSocketDir(user);
  const logFile = prepareLog(dataDir);
  const server = keepRunning({
    name: "postgres",
    launch: () => launch({ directory, socketDir, binaries, user, logFile, settings: options.settings ?? {} }),
    untilReady: (child, ended) => untilReady(directory, child, ended),
    giveUp: (_exit, attempts) => (attempts < START_ATTEMPTS ? undefined : startError(logFile)),
    // Fast (sessions are rolled back), immediate (crash recovery at the next start); both keep every commit.
    stopPlan: [
      ["SIGINT", 1_200],
      ["SIGQUIT", 400],
    ],
    ownsGroup: false,
    onChange: options.onChange,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(socketDir, { recursive: true, force: true });
  };
  try {
    await server.ready;
    await ensureDatabase(socketDir);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: appUrl(socketDir), adminUrl: adminUrl(socketDir), socketDir, pid: server.pid, stop };
}

type LaunchOptions = {
  directory: string;
  socketDir: string;
  binaries: PostgresBinaries;
  user: RunAs | undefined;
  logFile: string;
  settings: Record<string, string>;
};

async function launch(options: LaunchOptions): Promise<ChildProcess> {
  const { directory, socketDir, binaries, user, logFile } = options;
  disownStaleLock(directory);
  const settings: Record<string, string> = {
    listen_addresses: "",
    unix_socket_directories: socketDir,
    unix_socket_permissions: "0700",
    port: "5432",
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    // Neither statements nor the values in them: a row may hold what a person typed.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const logFd = openSync(logFile, "a", 0o600);
  try {
    // A group of its own: Ctrl-C in a terminal must not stop the database before the roles that still write to it.
    return spawn(binaries.postgres, ["-D", directory, ...flags], {
      ...identityOf(user),
      cwd: directory,
      env: postgresEnv(),
      detached: true,
      stdio: ["ignore", logFd, logFd],
    });
  } finally {
    closeSync(logFd);
  }
}

const pidFile = (directory: string): string => path.join(directory, "postmaster.pid");

function readPidFile(directory: string): string[] | undefined {
  try {
    return readFileSync(pidFile(directory), "utf8").split("\n");
  } catch {
    return undefined; // not running
  }
}

/** The server writes its state into its pid file; this is what `pg_ctl --wait` reads as well. */
async function untilReady(directory: string, child: ChildProcess, ended: AbortSignal): Promise<void> {
  for (;;) {
    const lines = readPidFile(directory);
    if (lines?.[0] === String(child.pid) && lines[7]?.trim() === "ready") return;
    await sleep(20, undefined, { signal: ended });
  }
}

async function stopLeftBehind(directory: string): Promise<void> {
  const lines = readPidFile(directory);
  if (!lines) return;
  const pid = Number(lines[0]);
  const found = pid > 0 ? identify(pid) : undefined;
  if (found && isServerOf(directory, pid))
    await stopForeign(found, [
      ["SIGINT", 5_000],
      ["SIGQUIT", 2_000],
    ]);
  const socketDir = lines[4] ?? "";
  if (SOCKET_DIR.test(path.basename(socketDir))) rmSync(socketDir, { recursive: true, force: true });
}

const isServerOf = (directory: string, pid: number): boolean =>
  commandLine(pid).includes(` -D ${directory} `);

/**
 * PostgreSQL refuses to start while the pid in its pid file exists, also when that is by now another process or a zombie
 * that nobody reaps. Such a pid is replaced by ours: a server disregards the pid of its parent, but still checks by the
 * rest of the file that no session of the dead server lives on the same shared memory. Removing the file would skip that.
 */
function disownStaleLock(directory: string): void {
  const lines = readPidFile(directory);
  const pid = Number(lines?.[0]);
  if (!lines || !(pid > 0) || isServerOf(directory, pid)) return;
  const draft = `${pidFile(directory)}.new`;
  const { uid, gid } = statSync(pidFile(directory));
  writeFileSync(draft, [process.pid, ...lines.slice(1)].join("\n"), { mode: 0o600 });
  if (process.getuid?.() === 0) chownSync(draft, uid, gid);
  renameSync(draft, pidFile(directory));
}

function makeSocketDir(user: RunAs | undefined): string {
  for (const base of [tmpdir(), "/tmp"]) {
    if (Buffer.byteLength(path.join(base, "jobdeck-XXXXXX/.s.PGSQL.5432")) > SOCKET_PATH_BYTES) continue;
    if (user && !canReach(base, user)) continue;
    const directory = mkdtempSync(path.join(base, "jobdeck-")); // mode 0700, a name that nobody could prepare
    chmodSync(directory, 0o700);
    if (user) chownSync(directory, user.uid, user.gid);
    return directory;
  }
  throw new AppError(
    "invalid",
    "There is no temporary directory for the database's socket: /tmp is missing or closed. Set TMPDIR to a directory with a short path.",
  );
}

function prepareLog(dataDir: string): string {
  const file = path.join(dataDir, "logs/postgres.log");
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file) && statSync(file).size > LOG_BYTES) renameSync(file, `${file}.1`);
  return file;
}

function startError(logFile: string): AppError {
  const tail = readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n");
  return new AppError("unavailable", `PostgreSQL does not start. The end of ${logFile} says:\n${tail}`);
}
