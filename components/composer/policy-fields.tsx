"use client";

import { Controller, useFormContext, useFormState } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { DurationField } from "@/components/composer/duration-field";
import { Field } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { TextInput } from "@/components/ui/text-input";

const asMs = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** What the provider does around the input: how long, how urgent, whom to tell. */
export function PolicyFields() {
  const { control, register } = useFormContext<ComposeValues>();
  const errors = useFormState({ control }).errors.request;
  return (
    <div className="space-y-4">
      <Field
        label="Webhook"
        hint="Called with POST when the job is over. Up to 3 tries."
        error={errors?.webhook?.message}
      >
        <TextInput
          mono
          type="url"
          inputMode="url"
          placeholder="https://example.com/hooks/jobs"
          {...register("request.webhook")}
        />
      </Field>
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
            />
          )}
        />
        <Controller
          control={control}
          name="request.ttlMs"
          render={({ field, fieldState }) => (
            <DurationField
              label="Time to live"
              hint="Its whole life, the queue included: 10 seconds to 7 days. Then it is deleted, even while running."
              placeholder="24 hours"
              value={asMs(field.value)}
              onChange={field.onChange}
              error={fieldState.error?.message}
            />
          )}
        />
      </div>
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
    </div>
  );
}
