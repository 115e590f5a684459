"use client";

import { Controller, useFormContext, useWatch } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { DurationField } from "@/components/composer/duration-field";
import { settingWords, ttlWarning } from "@/components/composer/setting-words";
import { WebhookField } from "@/components/composer/webhook-field";
import { Notice } from "@/components/ui/notice";
import { Switch } from "@/components/ui/switch";
import type { EndpointRow } from "@/lib/endpoints/schema";
import type { UsualTime } from "@/lib/jobs/usual-times";
import { EXECUTION_TIMEOUT_MS, TTL_MS } from "@/lib/requests/limits";

const asMs = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const MINUTE = 60_000;
const PRESETS = {
  run: [MINUTE, 10 * MINUTE, 60 * MINUTE],
  life: [10 * MINUTE, 60 * MINUTE, 1440 * MINUTE],
} as const;

type PolicyFieldsProps = { endpoint?: EndpointRow; usual?: UsualTime };

/** What the provider does around the input: how long, how urgent, whom to tell. */
export function PolicyFields({ endpoint, usual }: PolicyFieldsProps) {
  const { control } = useFormContext<ComposeValues>();
  const [webhook, executionTimeoutMs, ttlMs, lowPriority] = useWatch({
    control,
    name: ["request.webhook", "request.executionTimeoutMs", "request.ttlMs", "request.lowPriority"],
  });
  const warning = ttlWarning(ttlMs, usual);
  const words = settingWords(
    { webhook, executionTimeoutMs, ttlMs, lowPriority },
    !endpoint || endpoint.hookOrigin ? "Jobdeck" : "the provider",
  );
  return (
    <div className="space-y-4">
      <WebhookField />
      <div className="grid gap-4 sm:grid-cols-2">
        <Controller
          control={control}
          name="request.executionTimeoutMs"
          render={({ field, fieldState }) => (
            <DurationField
              label="Execution timeout"
              hint="How long a worker may run it: 5 seconds to 7 days."
              placeholder="24 hours, or as the endpoint says"
              value={asMs(field.value)}
              onChange={field.onChange}
              error={fieldState.error?.message}
              bounds={EXECUTION_TIMEOUT_MS}
              presets={PRESETS.run}
            />
          )}
        />
        <Controller
          control={control}
          name="request.ttlMs"
          render={({ field, fieldState }) => (
            <DurationField
              label="Time to live"
              hint="Its whole life, the queue included: 10 seconds to 7 days."
              placeholder="24 hours"
              value={asMs(field.value)}
              onChange={field.onChange}
              error={fieldState.error?.message}
              bounds={TTL_MS}
              presets={PRESETS.life}
            />
          )}
        />
      </div>
      {warning && (
        <Notice tone="warning" role="status" title="This may be too short">
          {warning}
        </Notice>
      )}
      <Controller
        control={control}
        name="request.lowPriority"
        render={({ field }) => (
          <Switch
            label="Low priority"
            hint="Does not start another worker; runs when one is free."
            checked={field.value ?? false}
            onChange={field.onChange}
          />
        )}
      />
      <ul aria-label="What these settings will do" className="space-y-0.5 text-xs text-muted">
        {words.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}
