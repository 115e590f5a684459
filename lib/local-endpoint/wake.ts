import pg from "pg";
import { log } from "@/lib/kernel/log";
import { once } from "@/lib/kernel/once";

/**
 * The channel of all wake-ups. Payloads: `queue:<local endpoint id>` work arrived, `job:<job id>` a job changed,
 * `stop:<local endpoint id>:<worker id>` a worker must give something up, `webhook` one is due. They only say "look
 * again". The part before the first colon wakes too, for those who look after all of a kind.
 */
export const CHANNEL = "jobdeck_local";

export type WakeHub = {
  /** Calls `listener` at each wake-up of `key` until the returned function is called. */
  on: (key: string, listener: () => void) => () => void;
  /** Wakes everybody once and listens no more. */
  close: () => Promise<void>;
  readonly closed: boolean;
};

const RECONNECT_MS = 1000;

/**
 * One LISTEN connection for the whole process, opened when first needed and reopened when it is lost. A lost wake-up is
 * no loss: whoever waits looks again by itself (see long-poll).
 */
export function createWakeHub(connectionString: () => string): WakeHub {
  const listeners = new Map<string, Set<() => void>>();
  let client: pg.Client | undefined;
  let connecting = false;
  let closed = false;

  const wake = (key: string) => {
    for (const listener of [...(listeners.get(key) ?? [])]) listener();
  };
  const wakeAll = () => {
    for (const key of [...listeners.keys()]) wake(key);
  };

  const connect = async () => {
    if (client || connecting || closed) return;
    connecting = true;
    const fresh = new pg.Client({
      connectionString: connectionString(),
      application_name: "jobdeck-listen",
      keepAlive: true,
    });
    const lost = () => {
      if (client === fresh) client = undefined;
      if (!closed) setTimeout(() => void connect(), RECONNECT_MS).unref();
    };
    fresh.on("notification", ({ payload = "" }) => {
      wake(payload);
      if (payload.includes(":")) wake(payload.slice(0, payload.indexOf(":")));
    });
    fresh.on("error", (error) => log.debug({ err: error.message }, "the LISTEN connection was lost"));
    try {
      await fresh.connect();
      await fresh.query(`listen ${CHANNEL}`);
      fresh.once("end", lost);
      client = fresh;
      wakeAll(); // something may have happened while nobody listened
    } catch {
      await fresh.end().catch(() => {});
      lost();
    } finally {
      connecting = false;
      if (closed) await client?.end().catch(() => {});
    }
  };

  return {
    get closed() {
      return closed;
    },
    on(key, listener) {
      void connect();
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key);
      };
    },
    async close() {
      closed = true;
      wakeAll();
      const open = client;
      client = undefined;
      await open?.end().catch(() => {});
    },
  };
}

export const wakeHub = (): WakeHub =>
  once("local-wake", () =>
    createWakeHub(() => {
      const url = process.env.DATABASE_URL;
      if (!url) throw new Error("DATABASE_URL is not set: this process was not started by `jobdeck start`");
      return url;
    }),
  );
