import pg from "pg";
import { AppError } from "@/lib/kernel/errors";

/** The text of a value must not depend on how a server, a database or a role is set up. */
const SESSION = [
  "set client_encoding = 'UTF8'",
  "set timezone = 'UTC'",
  "set datestyle = 'ISO, YMD'",
  "set intervalstyle = 'iso_8601'",
  "set extra_float_digits = 1",
  "set bytea_output = 'hex'",
  "set search_path = public",
  // Copying takes as long as it takes.
  "set statement_timeout = 0",
  "set idle_in_transaction_session_timeout = 0",
  "set lock_timeout = '5s'",
].join("; ");

/**
 * Work on a connection of its own, with unlimited time. It ends with the work, and at once when the signal fires; an open
 * transaction is rolled back by that.
 */
export async function withConnection<T>(
  url: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const client = new pg.Client({
    connectionString: url,
    application_name: APPLICATION,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on("error", () => {}); // whoever uses it is told as well
  const end = (): Promise<void> => client.end().catch(() => {});
  signal.addEventListener("abort", end, { once: true });
  try {
    await client.connect();
    await client.query(SESSION);
    return await work(client);
  } catch (error) {
    signal.throwIfAborted();
    throw inWords(error);
  } finally {
    signal.removeEventListener("abort", end);
    await end();
  }
}

export const APPLICATION = "jobdeck-backup";

const LOCK_NOT_AVAILABLE = "55P03";

/** PostgreSQL's own words, unless they could quote a value (classes 22 and 23: wrong data, broken constraints). */
function inWords(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    if (error.code === LOCK_NOT_AVAILABLE)
      return new AppError(
        "conflict",
        "A table is locked by somebody else, for example by a migration or by a transaction that does not end. Try again later.",
      );
    const quotes = /^2[23]/.test(error.code ?? "");
    const where = error.table ? ` (table ${error.table})` : "";
    return new AppError(
      "unavailable",
      `The database refused${where}: ${quotes ? `error ${error.code}` : error.message}.`,
    );
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code === "string" && /^E[A-Z]+$/.test(code))
    return new AppError("unavailable", `The database cannot be reached: ${message || code}.`);
  if (error instanceof Error && /Connection terminated|timeout expired/.test(error.message))
    return new AppError("unavailable", `The database cannot be reached, or it went away: ${error.message}.`);
  return error;
}
