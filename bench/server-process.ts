import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const ROOT = path.resolve(import.meta.dirname, "..");

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

export type ServerProcess = {
  url: string;
  pid: number;
  /** From spawning it until a page came back whole. */
  usableAfterMs: number;
  stop: () => Promise<void>;
};

/** Starts a web server and waits until `GET /`, redirects followed, answers 200 with a whole HTML page. */
export async function startServer(options: {
  command: readonly string[];
  env: Record<string, string>;
  port: number;
  limitMs: number;
}): Promise<ServerProcess> {
  const { command, env, port, limitMs } = options;
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: { ...inherited, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", PORT: String(port), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr!.on("data", (part: Buffer) => {
    said = (said + part.toString()).slice(-4000);
  });
  while (!(await hasPage(url))) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}:\n${said}`);
    if (performance.now() - startedAt > limitMs) {
      await end(child);
      throw new Error(`the server had no page after ${limitMs} ms:\n${said}`);
    }
    await sleep(10);
  }
  return { url, pid: child.pid!, usableAfterMs: performance.now() - startedAt, stop: () => end(child) };
}

async function hasPage(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return response.status === 200 && (await response.text()).includes("</html>");
  } catch {
    return false; // nobody listens yet
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(timer);
}
