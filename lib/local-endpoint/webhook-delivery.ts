import { request } from "undici";
import type { Db } from "@/lib/db/client";
import { env } from "@/lib/kernel/env";
import { log } from "@/lib/kernel/log";
import { spliceMembers } from "@/lib/local-endpoint/json-members";
import { claimWebhooks, type DueWebhook, settleWebhook } from "@/lib/local-endpoint/store-webhook";
import { webhookParts } from "@/lib/local-endpoint/submission";
import { statusMembers } from "@/lib/local-endpoint/wire";
import type { Envelope } from "@/lib/secrets/envelope";
import { guardedDispatcher, trustedDispatcher } from "@/lib/upstream/transport";

/** How long a receiver may take to acknowledge. */
const RECEIVER_MS = 10_000;
const AT_ONCE = 32;

/**
 * Deliver the webhooks that are due. Slow receivers do not hold up others: `run` returns once deliveries have begun,
 * and at most {@link AT_ONCE} are under way.
 */
export function createWebhookDelivery(deps: { db: () => Db; vault: () => Envelope }) {
  const underWay = new Set<Promise<void>>();
  return {
    async run(): Promise<void> {
      while (underWay.size < AT_ONCE) {
        const due = await claimWebhooks(deps.db(), AT_ONCE - underWay.size);
        if (due.length === 0) return;
        for (const webhook of due) {
          const delivery = deliver(webhook, deps)
            .catch((error: unknown) =>
              log.error({ err: error, job: webhook.id }, "a webhook was left for later"),
            )
            .finally(() => underWay.delete(delivery));
          underWay.add(delivery);
        }
      }
    },
    /** Resolves when nothing is under way any more. */
    idle: async () => {
      await Promise.allSettled(underWay);
    },
  };
}

async function deliver(webhook: DueWebhook, deps: { db: () => Db; vault: () => Envelope }): Promise<void> {
  const place = { workspaceId: webhook.workspaceId, kind: "local-job", rowId: webhook.id };
  const { url, members } = webhookParts(deps.vault().open(webhook.requestSealed, place));
  // The captured body of the platform: the status object without the worker, and the request's input and webhook.
  const body = spliceMembers({ ...statusMembers({ ...webhook, workerId: null }), ...members });
  const delivered = url !== undefined && (await post(url, body, webhook));
  await settleWebhook(deps.db(), webhook, delivered || url === undefined);
}

/** 2xx is an acknowledgement; redirects are not followed. The URL may hold a token, so it is never logged. */
async function post(url: string, body: string, { id, attempt }: DueWebhook): Promise<boolean> {
  try {
    const target = new URL(url);
    const answer = await request(target, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Jobdeck-Local-Endpoint" },
      body,
      dispatcher: isOurs(target) ? trustedDispatcher() : guardedDispatcher(target),
      signal: AbortSignal.timeout(RECEIVER_MS),
    });
    await answer.body.dump();
    if (answer.statusCode >= 200 && answer.statusCode < 300) return true;
    log.info({ job: id, attempt, status: answer.statusCode }, "a webhook was not acknowledged");
  } catch (error) {
    const why = error instanceof Error ? error.name : "unknown";
    log.info({ job: id, attempt, why }, "a webhook could not be delivered");
  }
  return false;
}

/** Jobdeck's own receiver may sit at an address where nobody else's webhook may go. */
function isOurs(url: URL): boolean {
  const origins = [env().internalUrl, env().publicUrl];
  return origins.includes(url.origin) && url.pathname.startsWith("/hooks/");
}
