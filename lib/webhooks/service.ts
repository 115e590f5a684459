import type { z } from "zod";
import type { Context } from "@/lib/auth/context";
import { AppError } from "@/lib/kernel/errors";
import { callWebhook } from "@/lib/webhooks/outbound";
import type { DeliveryReport, testDeliverySchema } from "@/lib/webhooks/schema";

/**
 * Call a webhook once as it would be called for a finished job, so that a wrong address shows before a job depends on it.
 * @throws AppError `invalid` without an address.
 */
export async function testDelivery(
  _ctx: Context,
  { webhook }: z.output<typeof testDeliverySchema>,
): Promise<DeliveryReport> {
  if (webhook === undefined) throw new AppError("invalid", "Enter the webhook's address first.");
  const startedAt = performance.now();
  const { status, error } = await callWebhook(webhook, testBody(webhook));
  const ms = Math.round(performance.now() - startedAt);
  if (status === null) return { status, ms, isDelivered: false, message: error ?? "No answer." };
  return { status, ms, isDelivered: status >= 200 && status < 300, message: wordsFor(status) };
}

/** The shape of a real call; the id says what it is. */
const testBody = (webhook: string): string =>
  JSON.stringify({
    delayTime: 0,
    executionTime: 0,
    id: "test-delivery",
    input: {},
    output: { message: "A test delivery from Jobdeck. No job ran." },
    status: "COMPLETED",
    webhook,
  });

function wordsFor(status: number): string {
  if (status >= 200 && status < 300) return "The receiver took it.";
  if (status >= 300 && status < 400)
    return "The receiver sends elsewhere, and redirects are not followed. Use the address that it leads to.";
  if (status === 401 || status === 403)
    return "The receiver refused the call. It wants a token or a signature.";
  if (status === 404 || status === 410) return "There is a server, but nothing at this path.";
  if (status === 405) return "There is something at this path, but it takes no POST.";
  if (status >= 500) return "The receiver failed while it took the call.";
  return "The receiver did not take it.";
}
