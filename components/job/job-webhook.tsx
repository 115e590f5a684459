import { DefinitionList, Fact } from "@/components/ui/definition-list";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { stateWord } from "@/components/ui/state-badge";
import type { JobDetail } from "@/lib/jobs/schema";

type Delivery = NonNullable<JobDetail["webhook"]["delivery"]>;

/** Calls that came in from the provider and the call that goes out to the person's own webhook. */
export function JobWebhook({ webhook }: { webhook: JobDetail["webhook"] }) {
  return (
    <div className="space-y-6">
      <section aria-labelledby="webhook-out">
        <h2 id="webhook-out" className="mb-1 text-sm font-medium">
          Your webhook
        </h2>
        {webhook.url ? (
          <DefinitionList>
            <Fact name="Address">
              <code className="font-mono text-xs break-all">{webhook.url}</code>
            </Fact>
            <Fact name="Called by">
              {webhook.viaRelay
                ? "Jobdeck, when the job is over"
                : "the provider itself; Jobdeck does not see these calls"}
            </Fact>
            {webhook.viaRelay && (
              <Fact name="Delivery">
                {webhook.delivery ? <DeliveryWords delivery={webhook.delivery} /> : "Not due yet"}
              </Fact>
            )}
          </DefinitionList>
        ) : (
          <p className="text-sm text-muted">The request names no webhook.</p>
        )}
      </section>
      <section aria-labelledby="webhook-in">
        <h2 id="webhook-in" className="mb-1 text-sm font-medium">
          Calls from the provider
        </h2>
        {webhook.receipts.length === 0 ? (
          <p className="text-sm text-muted">None came. Jobdeck asks for the state by itself.</p>
        ) : (
          <ul className="divide-y text-sm">
            {webhook.receipts.map((receipt) => (
              <li key={receipt.receivedAt} className="flex justify-between gap-3 py-1.5">
                <span>
                  said {receipt.claimedStatus ? stateWord(receipt.claimedStatus) : "nothing about a state"} ·{" "}
                  {receipt.bytes.toLocaleString("en")} bytes
                </span>
                <span className="text-muted">
                  <AbsoluteTime at={receipt.receivedAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function DeliveryWords({ delivery }: { delivery: Delivery }) {
  const tries = `${delivery.attempts} ${delivery.attempts === 1 ? "try" : "tries"}`;
  const last = delivery.lastError ?? (delivery.lastStatus ? `HTTP ${delivery.lastStatus}` : null);
  if (delivery.deliveredAt)
    return (
      <>
        Delivered after {tries}, <AbsoluteTime at={delivery.deliveredAt} />
      </>
    );
  if (delivery.gaveUpAt) return `Given up after ${tries}${last ? `: ${last}` : ""}`;
  return (
    <>
      {delivery.attempts === 0 ? "Due" : `${tries} so far${last ? ` (${last})` : ""}; next`}{" "}
      <AbsoluteTime at={delivery.nextAttemptAt} />
    </>
  );
}
