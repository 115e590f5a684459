import { Command, CommanderError, Option } from "commander";
import { parseEnv } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { addBackupCommands } from "@/lib/server/backup/commands";
import { EXIT } from "@/lib/server/exit-codes";
import type { RoleName } from "@/lib/server/run-state";
import { productDescription, productVersion } from "@/lib/server/version";

const ROLES = ["web", "collector"] as const;

const HELP = `
Settings come from the environment; the README lists them all. The common ones:
  PORT               where to listen (3000)
  HOST               the address to listen on (127.0.0.1)
  JOBDECK_DATA_DIR   where the database and the secret key are kept (./data)
  DATABASE_URL       a PostgreSQL of your own instead of the embedded one

Exit codes:
  ${EXIT.ok}    done, or stopped as asked
  ${EXIT.failure}    a failure or a refusal; the last line says why
  ${EXIT.usage}    a command or option that does not exist
  ${EXIT.configuration}   a setting is wrong; starting again does not help until it is changed`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function start(roles: readonly RoleName[], dev: boolean): Promise<void> {
  // First: what is imported below reads some settings itself, and would name a wrong one by a stack.
  const settings = parseEnv(process.env);
  const { requireSharedDatabase, supervise } = await import("@/lib/server/supervisor");
  if (roles.length === 1) requireSharedDatabase(settings, roles[0]!);
  const stop = new AbortController();
  // Ctrl-C may arrive several times: the terminal signals everybody, npm passes it on, and people press it twice.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  await supervise({ settings, roles, dev, signal: stop.signal, say });
}

async function migrateOnly(): Promise<void> {
  const settings = parseEnv(process.env);
  const { migrate } = await import("@/lib/db/migrate");
  if (settings.databaseUrl !== undefined) return migrate(settings.databaseUrl);
  const [{ prepareDataDir }, { startPostgres }] = await Promise.all([
    import("@/lib/server/data-dir"),
    import("@/lib/server/postgres"),
  ]);
  await prepareDataDir(settings);
  const database = await startPostgres({ dataDir: settings.dataDir, note: say });
  try {
    await migrate(database.url);
  } finally {
    await database.stop();
  }
}

async function resetPasswordOf(email: string): Promise<void> {
  const settings = parseEnv(process.env);
  const [{ withLiveDatabase }, { resetPassword }, { createDb, createPool }] = await Promise.all([
    import("@/lib/server/backup/databases"),
    import("@/lib/account/reset"),
    import("@/lib/db/client"),
  ]);
  await withLiveDatabase(settings, say, async (url) => {
    const pool = createPool(url, 1);
    try {
      const password = await resetPassword(createDb(pool), email);
      say(`The new password of ${email} is: ${password}`);
      say("They are signed out everywhere, and can change it under Your account.");
    } finally {
      await pool.end();
    }
  });
}

function program(startedIn: string): Command {
  const jobdeck = new Command("jobdeck")
    .description(productDescription())
    .version(productVersion())
    .exitOverride()
    .showHelpAfterError("Run jobdeck --help for the commands.")
    .addHelpText("afterAll", HELP);
  jobdeck
    .command("start")
    .description("run Jobdeck: the database unless DATABASE_URL is set, the web server and the collector")
    .addOption(new Option("--role <role>", "run only this role; needs DATABASE_URL").choices(ROLES))
    .action(({ role }: { role?: RoleName }) => start(role ? [role] : ROLES, false));
  jobdeck
    .command("dev")
    .description("the same with Next's development server")
    .action(() => start(ROLES, true));
  for (const role of ROLES)
    jobdeck
      .command(role)
      .description(`the same as start --role ${role}`)
      .action(() => start([role], false));
  jobdeck
    .command("migrate")
    .description("bring the database to this version's schema and end")
    .action(async () => {
      await migrateOnly();
      say("The database is up to date.");
    });
  jobdeck
    .command("reset-password")
    .argument("<email>", "the mail address of the account")
    .description("give an account a new password, print it, and sign the person out everywhere")
    .action(resetPasswordOf);
  addBackupCommands(jobdeck, { say, startedIn });
  return jobdeck;
}

/**
 * @param startedIn where the person stands: relative names of files are meant from there
 * @returns the exit code; everything a person needs to know was written to the terminal
 */
export async function main(args: readonly string[], startedIn = process.cwd()): Promise<number> {
  // The terminal may be closed while everything is being stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  try {
    await program(startedIn).parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const known = error instanceof AppError;
    process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return known && error.code === "invalid" ? EXIT.configuration : EXIT.failure;
  }
}
