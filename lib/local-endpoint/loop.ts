import { setTimeout as sleep } from "node:timers/promises";
import { isDatabaseDown } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";
import type { WakeHub } from "@/lib/local-endpoint/wake";

export type Loop = { stop: () => Promise<void> };

/**
 * Run something again and again: `everyMs` after the last run ended, or at once when one of `keys` wakes it. A run that
 * fails is logged and the next one comes as usual, so a database that comes back is picked up by itself.
 */
export function startLoop({
  name,
  everyMs,
  hub,
  keys,
  restMs = 0,
  run,
}: {
  name: string;
  everyMs: number;
  hub: WakeHub;
  keys: string[];
  /** Pause after each run even when it is woken: many wake-ups at once become one run. */
  restMs?: number;
  run: () => Promise<void>;
}): Loop {
  let stopped = false;
  let rang = false;
  let ring = () => {
    rang = true;
  };
  const offs = keys.map((key) =>
    hub.on(key, () => {
      rang = true;
      ring();
    }),
  );
  let failing = false;
  const loop = async () => {
    while (!stopped) {
      rang = false;
      try {
        await run();
        failing = false;
      } catch (error) {
        // One line per outage, not one per second.
        if (!failing || !isDatabaseDown(error)) log.error({ err: error }, `${name} failed, trying again`);
        failing = true;
      }
      if (!stopped && restMs > 0) await sleep(restMs);
      if (stopped || (rang && !failing)) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        ring = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const ended = loop();
  return {
    async stop() {
      stopped = true;
      for (const off of offs) off();
      ring();
      await ended;
    },
  };
}
