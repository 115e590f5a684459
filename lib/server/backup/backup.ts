import type { Env } from "@/lib/kernel/env";
import { checkArchive } from "@/lib/server/backup/archive-read";
import { writeArchive } from "@/lib/server/backup/archive-write";
import { withConnection } from "@/lib/server/backup/connection";
import { withLiveDatabase } from "@/lib/server/backup/databases";
import { keyPlace } from "@/lib/server/backup/key-check";
import type { Count } from "@/lib/server/backup/manifest";
import { progress, size, sum } from "@/lib/server/backup/progress";
import { openSnapshot } from "@/lib/server/backup/snapshot";

type Options = { settings: Env; file: string; signal: AbortSignal; say: (line: string) => void };

/** `jobdeck backup`: all rows as of one moment into one file, while Jobdeck may go on working. */
export async function backup({ settings, file, signal, say }: Options): Promise<void> {
  await withLiveDatabase(settings, say, (url) =>
    withConnection(url, signal, async (client) => {
      const dump = await openSnapshot(client, { freeze: false, ...progress(say) });
      say(`Writing ${file} (as of ${dump.head.createdAt}):`);
      let read: Count[] = [];
      const bytes = await writeArchive(file, dump, signal, async (written) => {
        say("Reading it back …");
        read = (await checkArchive(written)).totals;
      });
      say(`Wrote ${file}: ${sum(read)}, ${size(bytes)}.`);
    }),
  );
  say(
    `API keys and requests in it are sealed. The secret key that opens them is NOT inside: keep it as well, and elsewhere (${keyPlace(settings)}). Outputs, names and mail addresses are not sealed.`,
  );
}
