import path from "node:path";
import type { Command } from "commander";
import { type Env, parseEnv } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";

type Context = {
  say: (line: string) => void;
  /** Where the person stands: relative names of files are meant from there. */
  startedIn: string;
};

/** Add `backup`, `restore` and `db move` to the command line. */
export function addBackupCommands(jobdeck: Command, { say, startedIn }: Context): void {
  const fromHere = (file: string): string => path.resolve(startedIn, file);

  jobdeck
    .command("backup")
    .argument("<file>", "a new file; it appears under this name only when it is whole", fromHere)
    .description("write the whole database into one file, also while Jobdeck runs")
    .addHelpText("after", BACKUP_HELP)
    .action((file: string) =>
      untilSignal(async (settings, signal) => {
        const { backup } = await import("@/lib/server/backup/backup");
        await backup({ settings, file, signal, say });
      }),
    );

  jobdeck
    .command("restore")
    .argument("<file>", "a file made by jobdeck backup", fromHere)
    .description("load a backup into an empty database; Jobdeck must not be running on it")
    .addHelpText("after", RESTORE_HELP)
    .action((file: string) =>
      untilSignal(async (settings, signal) => {
        const { restore } = await import("@/lib/server/backup/restore");
        await restore({ settings, file, signal, say });
      }),
    );

  jobdeck
    .command("db")
    .description("move the database")
    .command("move")
    .argument("<database-url>", "an empty PostgreSQL, as postgresql://user:password@host:5432/name")
    .description("copy the present database into an empty one, compare both, and say what to set next")
    .addHelpText("after", MOVE_HELP)
    .action((to: string, _options: object, command: Command) => {
      // Not by an argument's parser: commander would quote the value, which may hold a password.
      if (!/^postgres(ql)?:\/\//.test(to) || !URL.canParse(to))
        command.error(
          "The address must start with postgresql://, for example postgresql://user:password@host:5432/jobdeck.",
        );
      return untilSignal(async (settings, signal) => {
        const { moveDatabase } = await import("@/lib/server/backup/move");
        await moveDatabase({ settings, to, signal, say });
      });
    });
}

const BACKUP_HELP = `
One consistent snapshot of all tables: of DATABASE_URL, else of the embedded database (which is
started for the time if Jobdeck is not running). The file is read back before it gets its name.

API keys and requests stay sealed in it. The secret key that opens them (JOBDECK_SECRET_KEY, or
secret.key in the data directory) is NOT in the file: keep it as well, and somewhere else.`;

const RESTORE_HELP = `
Goes into DATABASE_URL, else into the embedded database of JOBDECK_DATA_DIR. That database must be
empty. The file is checked first; then everything is loaded, compared and migrated in one
transaction: interrupted at any moment, it has not happened.

Give the secret key of the backed-up Jobdeck too: JOBDECK_SECRET_KEY, or secret.key in the data
directory. A wrong one is refused; without any the rows are restored and Jobdeck asks for it.`;

const MOVE_HELP = `
From DATABASE_URL, else from the embedded database of JOBDECK_DATA_DIR. All web and collector
processes must be stopped. The old database is only read.`;

/** Ctrl-C stops the work, not the process: a database that was started for it is stopped in order. */
async function untilSignal(work: (settings: Env, signal: AbortSignal) => Promise<void>): Promise<void> {
  const settings = parseEnv(process.env);
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, abort);
  try {
    await work(settings, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) throw new AppError("conflict", "Stopped before the end. Nothing was kept.");
    throw error;
  } finally {
    // A signal that comes again (npm passes on what the terminal has sent already) must not cut the last words off.
    if (!stop.signal.aborted) for (const signal of signals) process.off(signal, abort);
  }
}
