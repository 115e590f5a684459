import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { workerVariables } from "@/lib/local-endpoint/attach";

/** Handlers that Jobdeck brings along. `jobsPerWorker` is the concurrency that their main file asks for. */
export const BUILT_IN_HANDLERS: Record<string, { entry: string; jobsPerWorker: number }> = {
  "sample-text": { entry: "workers/sample-text/main.ts", jobsPerWorker: 8 },
  "sample-image": { entry: "workers/sample-image/main.ts", jobsPerWorker: 1 },
};

const ROOT = path.resolve(import.meta.dirname, "../..");
/** How long a worker that was asked to end may take. */
const END_MS = 3_000;
/** Spawned workers are on this machine: frequent pings cost nothing and show soon what they are doing. */
const PING_MS = 1_000;

export type WorkerProcess = {
  id: string;
  pid: number | undefined;
  /** Ask it to finish; killed if it has not ended after a while. */
  end: () => void;
  kill: () => void;
  /** Resolves when the process is gone. Never rejects: a process that could not be started is gone at once. */
  gone: Promise<void>;
};

/**
 * Start a worker as a process of its own. It is given the queue's address and key and nothing else of ours: no database
 * URL, no secret key. It ends itself when the IPC channel closes, so it never outlives this process.
 */
export function startWorkerProcess(options: {
  id: string;
  /** The main file, relative to this room. */
  entry: string;
  name: string;
  origin: string;
  workerKey: string;
}): WorkerProcess {
  const child = spawn(process.execPath, ["--import", "tsx", path.join(import.meta.dirname, options.entry)], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      ...inherited(),
      ...workerVariables({ ...options, workerId: options.id }),
      JOBDECK_ROLE: "worker",
      RUNPOD_PING_INTERVAL: String(PING_MS),
    },
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  let timer: NodeJS.Timeout | undefined;
  void gone.then(() => clearTimeout(timer));
  return {
    id: options.id,
    pid: child.pid,
    gone,
    kill: () => signal(child, "SIGKILL"),
    end: () => {
      signal(child, "SIGTERM");
      timer ??= setTimeout(() => signal(child, "SIGKILL"), END_MS);
    },
  };
}

const signal = (child: ChildProcess, name: NodeJS.Signals) => {
  if (child.exitCode === null && child.signalCode === null) child.kill(name);
};

const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "SystemRoot", "NODE_ENV", "NODE_EXTRA_CA_CERTS"]
      .concat("JOBDECK_LOG_LEVEL", "JOBDECK_ALLOW_PRIVATE_ADDRESSES")
      .map((name) => [name, process.env[name]]),
  ) as NodeJS.ProcessEnv;
