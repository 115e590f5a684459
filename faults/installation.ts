import { readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import type { Upstream } from "@/bench/upstream/start";
import { type Check, checkRun } from "@/faults/check";
import { type Browser, signIn } from "@/faults/intents";
import { OWNER } from "@/faults/people";
import { type Env, type Exit, freePort, type Program, startProgram, tail } from "@/faults/role";
import { until } from "@/faults/until";
import { addUpstream, settings, temporaryDirectory } from "@/faults/world";
import { isRunning } from "@/lib/server/process-identity";
import { type RunState, readState } from "@/lib/server/run-state";

/** Everything that `npm start` runs after the build: supervisor, embedded PostgreSQL, web, collector. */
export type Installation = {
  url: string;
  browser: Browser;
  endpointId: string;
  localEndpointId: string;
  /** Kills a part with -9 and waits until it is really gone. @returns how long until the supervisor had another one */
  kill: (role: "postgres" | "web" | "collector") => Promise<void>;
  /** Of the supervisor. */
  pid: number;
  /** Start another one on the same data directory, and wait until it has ended. */
  startAnother: () => Promise<{ exit: Exit; said: string; ms: number }>;
  read: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;
  /** Everything that the processes and the database wrote. */
  said: () => string;
  /** I1 to I6, for all that was ever submitted here. */
  check: Check;
  close: () => Promise<void>;
};

export async function startInstallation(upstream: Upstream): Promise<Installation> {
  const home = temporaryDirectory();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env: Env = { ...settings(home.dir, port), JOBDECK_PUBLIC_URL: url };
  const supervisor: Program = startProgram("lib/server/main.ts", ["start"], env, home.logFile);
  const state = (): RunState => {
    const read = readState(path.join(home.dir, "run/state.json"));
    if (!read) throw new Error(`the supervisor does not run:\n${tail(home.logFile)}`);
    return read;
  };
  const close = async () => {
    await supervisor.end("SIGTERM");
    home.remove();
  };

  const read: Installation["read"] = async (work) => {
    const client = new pg.Client({ connectionString: state().databaseUrl });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  const said = () =>
    [home.logFile, path.join(home.dir, "logs/postgres.log")]
      .map((file) => readFileSync(file, "utf8"))
      .join("");
  const masterKey = env.JOBDECK_SECRET_KEY;
  try {
    await until("the supervisor's processes are ready", 60_000, async () => {
      if (supervisor.child.exitCode !== null) throw new Error(tail(home.logFile));
      return fetch(`${url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
    const { endpointId } = await addUpstream({ ...env, DATABASE_URL: state().databaseUrl }, upstream);
    const local = await read((client) => client.query("select id from endpoint where name = 'sample-text'"));
    const browser = await signIn(url, OWNER);
    return {
      url,
      browser,
      endpointId,
      localEndpointId: local.rows[0].id,
      read,
      async kill(role) {
        const running = () => state().processes.find((one) => one.role === role);
        // A role that comes up while the database recovers may just have ended and be about to be started again.
        await until(`${role} runs`, 30_000, async () => running() !== undefined);
        const victim = running();
        if (!victim) throw new Error(`${role} does not run`);
        process.kill(victim.pid, "SIGKILL");
        await until(`${role} is dead`, 5_000, async () => !isRunning(victim));
        await until(`there is another ${role}`, 30_000, async () =>
          state().processes.some((one) => one.role === role && one.pid !== victim.pid),
        );
      },
      pid: supervisor.pid,
      async startAnother() {
        const from = performance.now();
        const log = path.join(home.dir, "another.log");
        const another = startProgram(
          "lib/server/main.ts",
          ["start"],
          { ...env, PORT: String(await freePort()) },
          log,
        );
        const exit = await another.exit;
        return { exit, said: readFileSync(log, "utf8"), ms: Math.round(performance.now() - from) };
      },
      said,
      check: (...asked) =>
        read((client) => checkRun({ client, url, browser, upstream, masterKey, said: said() }, ...asked)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
