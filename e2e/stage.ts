import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = path.resolve(import.meta.dirname, "..");
/** Building comes first when sources changed. */
const START_LIMIT_MS = 6 * 60_000;

export type Stage = {
  url: string;
  /** The one-time link that the first start prints. */
  setupUrl: string;
  dataDir: string;
  /** Everything that the product wrote to stdout and stderr. */
  logFile: string;
  /** Ends it the way Ctrl-C does. @returns exit code and how long it took */
  stop(): Promise<{ code: number | null; ms: number }>;
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** The product as people start it: `npm start`'s own command, an empty data directory, a free port. */
export async function startStage(folder: string): Promise<Stage> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = path.join(folder, "data");
  const logFile = path.join(folder, "jobdeck.log");
  const { DATABASE_URL: _, ...environment } = process.env;
  const child = spawn(process.execPath, [path.join(root, "bin/jobdeck.mjs"), "start"], {
    cwd: root,
    env: {
      ...environment,
      NODE_ENV: "production",
      PORT: String(port),
      HOST: "127.0.0.1",
      JOBDECK_DATA_DIR: dataDir,
      // Reachable for the scripted upstream, so that the webhooks' whole way is walked.
      JOBDECK_PUBLIC_URL: url,
      JOBDECK_LOG_LEVEL: "debug",
      // The scripted upstream of the tests listens on loopback.
      JOBDECK_ALLOW_PRIVATE_ADDRESSES: "127.0.0.0/8",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const said = () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
  let gone: number | null | undefined;
  child.once("exit", (code) => {
    gone = code;
  });

  /** @returns the setup link */
  async function untilStarted(): Promise<string> {
    for (const deadline = Date.now() + START_LIMIT_MS; Date.now() < deadline; await sleep(300)) {
      if (gone !== undefined) throw new Error(`Jobdeck ended with code ${gone} while starting:\n${said()}`);
      const link = /https?:\/\/\S+\/setup\?token=\S+/.exec(said())?.[0];
      const ready = await fetch(`${url}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (link && ready) return link;
    }
    child.kill("SIGKILL");
    throw new Error(`Jobdeck was not ready after ${START_LIMIT_MS / 1000} s:\n${said()}`);
  }
  const setupUrl = await untilStarted();

  return {
    url,
    setupUrl,
    dataDir,
    logFile,
    async stop() {
      const startedAt = performance.now();
      if (gone === undefined) {
        child.kill("SIGINT");
        const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
        await once(child, "exit");
        clearTimeout(timer);
      }
      log.end();
      return { code: child.exitCode, ms: performance.now() - startedAt };
    },
  };
}
