import type pg from "pg";
import type { Env } from "@/lib/kernel/env";
import { checkArchive, openArchive } from "@/lib/server/backup/archive-read";
import { withConnection } from "@/lib/server/backup/connection";
import { withRestingDatabase } from "@/lib/server/backup/databases";
import { checkKey } from "@/lib/server/backup/key-check";
import { loadDump } from "@/lib/server/backup/load";
import { progress, sum } from "@/lib/server/backup/progress";
import { schemaSteps } from "@/lib/server/backup/schema-steps";

type Options = { settings: Env; file: string; signal: AbortSignal; say: (line: string) => void };

/** `jobdeck restore`: a backup into an empty database, entirely or not at all. */
export async function restore({ settings, file, signal, say }: Options): Promise<void> {
  say(`Reading ${file} …`);
  const { head, totals } = await checkArchive(file);
  schemaSteps(head.migrations, head.jobdeck);
  const keyAdvice = checkKey(settings, head.secretKeyFingerprint);
  say(`It is whole: Jobdeck ${head.jobdeck}, as of ${head.createdAt}, ${sum(totals)}.`);
  await withRestingDatabase(settings, say, (url) =>
    withConnection(url, signal, async (client) =>
      loadDump(client, await openArchive(file), {
        ...progress(say),
        say,
        beforeCommit: (transaction) => doubtUnsent(transaction, say),
      }),
    ),
  );
  say(`Restored ${sum(totals)}; counts and checksums are those of the backup.`);
  say(keyAdvice);
}

/**
 * What had not been sent when the backup was made may have been sent since, and would be paid for twice. So it counts as
 * being sent now: the collector finds no sender, says UNCONFIRMED, and a person decides.
 */
async function doubtUnsent(client: pg.ClientBase, say: (line: string) => void): Promise<void> {
  const { rowCount } = await client.query(
    "update job set send_started_at = now() where status = 'SENDING' and send_started_at is null",
  );
  if (rowCount)
    say(
      `${rowCount.toLocaleString("en-US")} jobs had not been sent when the backup was made. They may have been since, so they will show as UNCONFIRMED and are not sent by themselves.`,
    );
}
