"use client";

import { useState } from "react";
import { useFormContext, useFormState, useWatch } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { TextInput } from "@/components/ui/text-input";
import { testDeliveryAction } from "@/lib/webhooks/actions";
import type { DeliveryReport } from "@/lib/webhooks/schema";

type Outcome = { webhook: string; report: DeliveryReport } | { webhook: string; problem: string };

/** The address that is called when the job is over, and a call to try it now. */
export function WebhookField() {
  const { slug } = usePlace();
  const { control, register } = useFormContext<ComposeValues>();
  const error = useFormState({ control }).errors.request?.webhook?.message;
  const value = useWatch({ control, name: "request.webhook" });
  const webhook = typeof value === "string" ? value.trim() : "";
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const tryIt = async () => {
    setBusy(true);
    try {
      const result = await testDeliveryAction(slug, { webhook });
      setOutcome(result.ok ? { webhook, report: result.value } : { webhook, problem: result.error.message });
    } catch {
      setOutcome({
        webhook,
        problem: "Jobdeck did not answer, so it is not known whether the call was made.",
      });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="space-y-2">
      <Field label="Webhook" hint="Called with POST when the job is over. Up to 3 tries." error={error}>
        <TextInput
          mono
          type="url"
          inputMode="url"
          placeholder="https://example.com/hooks/jobs"
          {...register("request.webhook")}
        />
      </Field>
      <Button size="sm" busy={busy} disabled={webhook === ""} onClick={() => void tryIt()}>
        Send a test delivery
      </Button>
      <div role="status" className="empty:hidden">
        {/* What was tried at another address says nothing about this one. */}
        {outcome && outcome.webhook === webhook && <OutcomeNotice outcome={outcome} />}
      </div>
    </div>
  );
}

function OutcomeNotice({ outcome }: { outcome: Outcome }) {
  if ("problem" in outcome) return <Notice tone="danger">{outcome.problem}</Notice>;
  const { status, ms, isDelivered, message } = outcome.report;
  return (
    <Notice
      tone={isDelivered ? "info" : "warning"}
      title={isDelivered ? "The test delivery arrived" : "The test delivery did not arrive"}
    >
      {status === null ? "" : `HTTP ${status} after ${ms.toLocaleString("en")} ms. `}
      {message}
      {status === null && ` (after ${ms.toLocaleString("en")} ms)`}
    </Notice>
  );
}
