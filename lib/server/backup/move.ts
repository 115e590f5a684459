import type pg from "pg";
import type { Env } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { APPLICATION, withConnection } from "@/lib/server/backup/connection";
import { requireCluster, withRestingDatabase } from "@/lib/server/backup/databases";
import { keyPlace } from "@/lib/server/backup/key-check";
import { loadDump } from "@/lib/server/backup/load";
import { progress, sum } from "@/lib/server/backup/progress";
import { openSnapshot } from "@/lib/server/backup/snapshot";

type Options = { settings: Env; to: string; signal: AbortSignal; say: (line: string) => void };

/** A collector that was killed shows its last beat for this long. */
const BEAT_SECONDS = 15;

/** `jobdeck db move`: the present database into an empty one, entirely or not at all, while nobody writes. */
export async function moveDatabase({ settings, to, signal, say }: Options): Promise<void> {
  if (settings.databaseUrl === undefined) requireCluster(settings.dataDir);
  await withRestingDatabase(settings, say, (from) =>
    withConnection(from, signal, async (source) => {
      await refuseLive(source);
      const dump = await openSnapshot(source, { freeze: true });
      await withConnection(to, signal, async (target) => {
        say(`Moving to ${spoken(to)}:`);
        await loadDump(target, dump, { ...progress(say), say, beforeCommit: () => refuseLive(source) });
      });
      say(`Moved ${sum(dump.totals())}; counts and checksums agree. The old database is as it was.`);
    }),
  );
  say(`Now set, for everything that you start from here on:
  DATABASE_URL=${spoken(to)}
  JOBDECK_SECRET_KEY=<${keyPlace(settings)}>
Do not start Jobdeck on the old database again: it would send and watch the same jobs a second time.`);
}

/** Web and collector processes name themselves to the server; a collector also beats. */
async function refuseLive(source: pg.ClientBase): Promise<void> {
  const { rows } = await source.query<{ who: string }>(
    `select distinct application_name || coalesce(' from ' || host(client_addr), '') as who from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and application_name like 'jobdeck-%' and application_name <> $1
     union
     select format('%s (process %s on %s)', role, pid, host) from process
     where heartbeat_at > now() - $2 * interval '1 second'`,
    [APPLICATION, BEAT_SECONDS],
  );
  if (rows.length > 0)
    throw new AppError(
      "conflict",
      `Jobdeck still works on this database: ${rows.map(({ who }) => who).join(", ")}. Stop all web and collector processes first; one that was killed is forgotten after ${BEAT_SECONDS} seconds.`,
    );
}

/** An address without its password. */
function spoken(url: string): string {
  if (!URL.canParse(url)) return "the given address";
  const address = new URL(url);
  if (address.password) address.password = "…";
  if (address.searchParams.has("password")) address.searchParams.set("password", "…");
  return decodeURI(address.href).replace(/%E2%80%A6/g, "…");
}
