import { isDatabaseDown } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";

export type Loop = { wake(): void; stop(): Promise<void> };

/**
 * Run `work` again and again, `everyMs` after the last run ended or at once when woken. It never ends by an error: an
 * outage is logged once, and work goes on when it is over.
 */
export function startLoop(name: string, everyMs: number, work: () => Promise<unknown>): Loop {
  let stopped = false;
  let failing = false;
  let woken = false;
  let rouse = () => {};
  const run = (async () => {
    while (!stopped) {
      woken = false;
      try {
        await work();
        failing = false;
      } catch (error) {
        if (!failing) {
          if (isDatabaseDown(error)) log.warn({ loop: name }, "the database does not answer; waiting for it");
          else log.error({ err: error, loop: name }, "a loop failed and goes on");
        }
        failing = true;
      }
      if (stopped || (woken && !failing)) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, failing ? Math.max(everyMs, 500) : everyMs);
        rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    wake() {
      woken = true;
      rouse();
    },
    async stop() {
      stopped = true;
      rouse();
      await run;
    },
  };
}
