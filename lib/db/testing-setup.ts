import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export type TestCluster = { adminUrl: string; socketDir: string } | { error: string };

/**
 * vitest's global setup: offers one PostgreSQL to the whole run, started when the first test asks for it, so that a run of
 * pure tests does not pay for it. Tests ask over a socket, because they run in other processes.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const directory = mkdtempSync(path.join(tmpdir(), "jobdeck-ask-"));
  let child: ChildProcess | undefined;
  let started: Promise<TestCluster> | undefined;

  const start = (): Promise<TestCluster> => {
    const file = path.join(import.meta.dirname, "testing-cluster.ts");
    const cluster = spawn(process.execPath, ["--import", "tsx", file], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true, // Ctrl-C ends the run first; the cluster follows when its channel closes
      env: { ...process.env, JOBDECK_LOG_LEVEL: "error" },
    });
    child = cluster;
    return new Promise((resolve) => {
      cluster.once("message", (message) => resolve(message as TestCluster));
      cluster.once("exit", (code) => resolve({ error: `the test cluster ended with code ${code}` }));
    });
  };

  const server = createServer((socket) => {
    socket.on("error", () => {}); // a test process that was killed while it waited
    started ??= start();
    void started.then((cluster) => socket.end(JSON.stringify(cluster)));
  });
  const address = path.join(directory, "ask");
  await new Promise<void>((resolve) => server.listen(address, resolve));
  process.env.JOBDECK_TEST_CLUSTER = address; // inherited by the processes that run the tests

  return async () => {
    server.close();
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child?.once("exit", resolve));
      child.disconnect();
      await gone;
    }
    rmSync(directory, { recursive: true, force: true });
  };
}
