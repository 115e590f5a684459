import { setTimeout as sleep } from "node:timers/promises";
import { isDatabaseDown } from "@/lib/kernel/errors";

/**
 * Repeat work that may safely run twice while the database is away (a restart, a failover), for facts that exist only
 * in this process's memory, such as a job id the provider just gave us.
 * @param forMs after that the last error is thrown.
 */
export async function whileDatabaseIsDown<T>(work: () => Promise<T>, forMs = 60_000): Promise<T> {
  const giveUpAt = performance.now() + forMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseDown(error) || performance.now() > giveUpAt) throw error;
      await sleep(250);
    }
  }
}
