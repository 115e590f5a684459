"use client";

import { useFormContext, useFormState, useWatch } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { Field } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { SecretInput, TextInput } from "@/components/ui/text-input";

/** Storage for the worker's output. The secrets go to the server and the worker; they are never shown again. */
export function S3Fields({
  keepsSecrets,
}: {
  /** An earlier job's secret is used when the field stays empty. */ keepsSecrets: boolean;
}) {
  const { control, register, setValue } = useFormContext<ComposeValues>();
  const on = useWatch({ control, name: "request.s3" }) !== undefined;
  const errors = useFormState({ control }).errors.request?.s3;
  const secretHint = keepsSecrets ? "Leave it empty to use the one of the job you started from." : undefined;
  return (
    <div className="space-y-3">
      <Switch
        label="S3 storage for the output"
        hint="Passed to the worker only. It works only if the worker's code reads s3Config."
        checked={on}
        onChange={(next) =>
          setValue(
            "request.s3",
            next ? { accessId: "", accessSecret: "", bucketName: "", endpointUrl: "" } : undefined,
            { shouldDirty: true },
          )
        }
      />
      {on && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Endpoint URL" error={errors?.endpointUrl?.message} className="sm:col-span-2">
            <TextInput
              mono
              placeholder="https://s3.eu-central-1.amazonaws.com"
              {...register("request.s3.endpointUrl")}
            />
          </Field>
          <Field label="Bucket" error={errors?.bucketName?.message} className="sm:col-span-2">
            <TextInput mono {...register("request.s3.bucketName")} />
          </Field>
          <Field label="Access key id" error={errors?.accessId?.message}>
            <SecretInput {...register("request.s3.accessId")} />
          </Field>
          <Field label="Secret access key" hint={secretHint} error={errors?.accessSecret?.message}>
            <SecretInput {...register("request.s3.accessSecret")} />
          </Field>
        </div>
      )}
    </div>
  );
}
