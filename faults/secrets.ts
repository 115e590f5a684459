import type pg from "pg";
import type { Upstream } from "@/bench/upstream/start";
import type { Violation } from "@/faults/invariants";

/** Sent with every submit of the fault tests, so that a secret of a request passes wherever a request passes. */
export const CANARY_S3 = {
  accessId: "canary-access-id",
  accessSecret: "canary-s3-secret-6f1c2d9ab47e",
  bucketName: "canary",
  endpointUrl: "https://s3.example.com",
};

/** By name: what must be neither in the database (unsealed) nor in anything that a process has written. */
export type Secrets = Record<string, string>;

/** Each costs a look at every byte of the database. */
const TRIED_TOKENS = 20;

/** The secrets that a run has made by now; the tokens are those of the callback addresses that upstream was given. */
export function secretsOf(
  run: { masterKey: string | undefined; ownerPassword: string },
  upstream: Upstream,
): Secrets {
  const tokens = upstream
    .jobs()
    .flatMap(({ webhook }, i) => (webhook ? [[`callback token ${i}`, webhook.split("/").at(-1)!]] : []));
  return {
    "API key": upstream.key,
    "S3 secret": CANARY_S3.accessSecret,
    "owner's password": run.ownerPassword,
    ...(run.masterKey !== undefined && { "secret key": run.masterKey }),
    ...Object.fromEntries(tokens.slice(-TRIED_TOKENS)),
  };
}

/**
 * I5: every row of every table as text (bytes as hex, so each secret is looked for in both spellings), and the log.
 * @param known something that is in some row for certain: when that is not found, the search is blind.
 * @throws when the search is blind
 */
export async function findSecrets(
  client: pg.ClientBase,
  said: string,
  secrets: Secrets,
  known: string,
): Promise<Violation[]> {
  const tables = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  const named = [...Object.entries(secrets), ["known", known] as const];
  const spellings = named.flatMap(([name, secret]) => [
    { name, needle: secret },
    { name, needle: Buffer.from(secret).toString("hex") },
  ]);
  const needles = spellings.map(({ needle }) => needle);
  const violations = new Set<Violation>();
  let isBlind = true;
  for (const { name: table } of tables.rows) {
    // Row by row what holds any of them first: most tables hold none.
    const { rows } = await client.query<{ at: number }>(
      // "offset 0" keeps PostgreSQL from spelling a row of megabytes anew for each needle.
      `select distinct hit::int as at from (select t::text as line from ${table} t offset 0) as spelled,
         lateral unnest(array(select n.at from unnest($1::text[]) with ordinality as n(needle, at)
           where position(n.needle in line) > 0)) as hit`,
      [needles],
    );
    for (const { at } of rows) {
      const { name } = spellings[at - 1]!;
      if (name === "known") isBlind = false;
      else violations.add(`I5: the ${name} stands unsealed in ${table}`);
    }
  }
  if (isBlind) throw new Error(`the search for secrets does not even find ${known}`);
  for (const [name, secret] of Object.entries(secrets))
    if (said.includes(secret)) violations.add(`I5: the ${name} stands in the log`);
  return [...violations];
}
