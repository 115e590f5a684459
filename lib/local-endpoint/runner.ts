import { db } from "@/lib/db/client";
import { env } from "@/lib/kernel/env";
import { startLoop } from "@/lib/local-endpoint/loop";
import { createPool, type PoolDeps } from "@/lib/local-endpoint/pool";
import { sweepExecutionTimeouts, sweepExpired, sweepSilentWorkers } from "@/lib/local-endpoint/store-sweep";
import { type WakeHub, wakeHub } from "@/lib/local-endpoint/wake";
import { createWebhookDelivery } from "@/lib/local-endpoint/webhook-delivery";
import { vault } from "@/lib/secrets/vault";

/** How late these may come when no wake-up tells. */
const SWEEP_MS = 500;
const WEBHOOK_MS = 1_000;
const POOL_MS = 1_000;
/** Rows past their time are invisible anyway, so cleaning up may take its time. */
const CLEAN_MS = 2_000;

/**
 * The local endpoints' part of the collector: deadlines, webhooks and the workers of the built-in handlers. Any number
 * of collectors may run it; each row and each endpoint is somebody's at a time.
 */
export function startLocalPool(deps: Partial<PoolDeps> & { hub?: WakeHub } = {}): {
  stop: () => Promise<void>;
} {
  const all = { db, vault, origin: () => env().internalUrl, ...deps };
  const hub = deps.hub ?? wakeHub();
  const pool = createPool(all);
  const webhooks = createWebhookDelivery(all);
  const loops = [
    startLoop({
      name: "the local queue's deadlines",
      everyMs: SWEEP_MS,
      hub,
      keys: [],
      run: async () => {
        await sweepExecutionTimeouts(all.db());
        await sweepSilentWorkers(all.db());
      },
    }),
    startLoop({
      name: "the local queue's clean-up",
      everyMs: CLEAN_MS,
      hub,
      keys: [],
      run: () => sweepExpired(all.db()),
    }),
    startLoop({
      name: "the local webhooks",
      everyMs: WEBHOOK_MS,
      hub,
      keys: ["webhook"],
      restMs: 20,
      run: webhooks.run,
    }),
    startLoop({
      name: "the worker pool",
      everyMs: POOL_MS,
      hub,
      keys: ["queue"],
      restMs: 200,
      run: pool.tick,
    }),
  ];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
      await pool.stop();
      await Promise.race([webhooks.idle(), new Promise((resolve) => setTimeout(resolve, 1000))]);
      if (!deps.hub) await hub.close();
    },
  };
}
