import pg from "pg";
import { log } from "@/lib/kernel/log";

const RECONNECT_MS = 1_000;

/**
 * One LISTEN connection that comes back by itself. Wake-ups that were missed meanwhile cost one tick, nothing more.
 */
export function listen(databaseUrl: string, channel: string, onWake: () => void): { stop(): Promise<void> } {
  let client: pg.Client | null = null;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const again = () => {
    client = null;
    if (!stopped) timer = setTimeout(connect, RECONNECT_MS);
  };
  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: databaseUrl,
      application_name: "jobdeck-listen",
      keepAlive: true,
    });
    client = fresh;
    let over = false;
    const end = (error?: Error) => {
      if (over) return;
      over = true;
      if (error) log.warn({ err: error.message }, "the wake-up connection was lost");
      fresh.end().catch(() => {});
      again();
    };
    fresh.on("error", end);
    fresh.on("end", () => end());
    fresh.on("notification", onWake);
    try {
      await fresh.connect();
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
      onWake();
    } catch (error) {
      end(error instanceof Error ? error : undefined);
    }
  }
  void connect();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
