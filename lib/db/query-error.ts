import { DrizzleQueryError } from "drizzle-orm";
import { PgPreparedQuery } from "drizzle-orm/pg-core";

type Prepared = {
  queryWithCache(query: string, params: unknown[], run: () => Promise<unknown>): Promise<unknown>;
};

/**
 * Drizzle writes the values of a failed statement into its error's message: session tokens, hashes, sealed requests. From
 * there they would reach every log, ours, better-auth's and Next's. So they are taken out where the error is made; the
 * statement's text and the server's own words stay.
 */
export function keepValuesOutOfErrors(): void {
  const prepared = PgPreparedQuery.prototype as unknown as Prepared;
  const original = prepared.queryWithCache;
  prepared.queryWithCache = async function (query, params, run) {
    try {
      return await original.call(this, query, params, run);
    } catch (error) {
      throw error instanceof DrizzleQueryError ? withoutValues(error) : error;
    }
  };
}

function withoutValues(error: DrizzleQueryError): DrizzleQueryError {
  const message = `Failed query: ${error.query}`;
  error.stack = error.stack?.replace(error.message, () => message);
  error.message = message;
  error.params = [];
  // PostgreSQL's own: "Key (token)=(…) already exists."
  if (error.cause instanceof Error) Object.assign(error.cause, { detail: undefined, where: undefined });
  return error;
}
