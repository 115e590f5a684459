import { setTimeout as sleep } from "node:timers/promises";

/** Wait until something is so. @throws when it is not within `forMs`; an attempt that fails is an attempt. */
export async function until(what: string, forMs: number, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + forMs; ; await sleep(250)) {
    if (await isSo()) return;
    if (performance.now() > deadline) throw new Error(`not within ${forMs} ms: ${what}`);
  }
}
