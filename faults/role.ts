import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import type { BundledRole } from "@/faults/bundle";

const ROOT = path.resolve(import.meta.dirname, "..");

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** A process of the product that a test may kill. */
export type Program = {
  child: ChildProcess;
  pid: number;
  exit: Promise<Exit>;
  /** Ends it with a signal (SIGKILL by default) and waits until it is gone. */
  end: (signal?: NodeJS.Signals) => Promise<Exit>;
};

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Start a TypeScript program of this repository; what it says goes to `logFile`. */
export const startProgram = (file: string, args: string[], env: Env, logFile: string): Program =>
  launch(["--import", "tsx", path.join(ROOT, file), ...args], env, logFile);

/** Start what {@link bundleRoles} made. */
export const startBundle = (file: string, args: string[], env: Env, logFile: string): Program =>
  launch([file, ...args], env, logFile);

function launch(args: string[], env: Env, logFile: string): Program {
  const log = openSync(logFile, "a");
  try {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env,
      stdio: ["ignore", log, log, "ipc"],
    });
    const exit = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", () => resolve({ code: null, signal: null }));
    });
    return {
      child,
      pid: child.pid ?? 0,
      exit,
      end: (signal = "SIGKILL") => {
        if (child.exitCode === null && child.signalCode === null) child.kill(signal);
        return exit;
      },
    };
  } finally {
    closeSync(log);
  }
}

export type Env = Record<string, string | undefined> & { NODE_ENV: "test" | "production" };

/**
 * One role as a process of its own, as `jobdeck start --role` would run it; resolves when it is ready.
 * @param file what {@link bundleRoles} made of it.
 */
export async function startRole(
  role: BundledRole,
  file: string,
  env: Env,
  logFile: string,
): Promise<Program> {
  const program = launch([file], { JOBDECK_ROLE: role, ...env }, logFile);
  const ready = new Promise<"ready">((resolve) =>
    program.child.on("message", (message) => {
      if ((message as { type?: unknown } | null)?.type === "ready") resolve("ready");
    }),
  );
  const first = await Promise.race([ready, program.exit]);
  if (first !== "ready")
    throw new Error(`${role} ended before it was ready (${first.code ?? first.signal}):\n${tail(logFile)}`);
  return program;
}

export const tail = (file: string): string => readFileSync(file, "utf8").split("\n").slice(-30).join("\n");
