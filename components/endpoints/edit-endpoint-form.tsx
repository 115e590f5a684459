"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useRouter } from "next/navigation";
import { useForm } from "react-hook-form";
import { useMay, usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { showServerError } from "@/components/ui/server-error";
import { SecretInput, TextInput } from "@/components/ui/text-input";
import { toast } from "@/components/ui/toast";
import { editEndpointAction } from "@/lib/endpoints/actions";
import { type EndpointRow, editEndpointSchema } from "@/lib/endpoints/schema";

export function EditEndpointForm({ endpoint }: { endpoint: EndpointRow }) {
  const { slug } = usePlace();
  const router = useRouter();
  const mayHoldKeys = useMay("credentials:edit");
  const { id, kind, name, upstreamId, baseUrl } = endpoint;
  const form = useForm({
    resolver: zodResolver(editEndpointSchema),
    defaultValues: {
      id,
      name,
      ...(kind !== "local" && { upstreamId }),
      ...(kind === "custom" && { baseUrl: baseUrl ?? "" }),
    },
  });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const result = await editEndpointAction(slug, values);
    if (!result.ok) return showServerError(form, result.error);
    form.reset({ ...values, apiKey: undefined });
    toast.done({ title: "Saved" });
    router.refresh();
  });
  return (
    <form method="post" noValidate onSubmit={submit} className="flex max-w-md flex-col gap-4">
      <Field label="Name" error={errors.name?.message}>
        <TextInput autoComplete="off" {...form.register("name")} />
      </Field>
      {kind === "custom" && (
        <Field
          label="Base URL"
          hint="A new address needs the API key again: a key only ever goes where it was meant to go."
          error={errors.baseUrl?.message}
        >
          <TextInput mono inputMode="url" {...form.register("baseUrl")} />
        </Field>
      )}
      {kind !== "local" && (
        <>
          <Field label="Endpoint id" error={errors.upstreamId?.message}>
            <TextInput mono autoComplete="off" {...form.register("upstreamId")} />
          </Field>
          {mayHoldKeys && (
            <Field
              label="New API key"
              aside={endpoint.apiKeyLast4 && `now …${endpoint.apiKeyLast4}`}
              hint="Leave it empty to keep the present one. Jobs under way use the new key at once."
              error={errors.apiKey?.message}
            >
              <SecretInput
                {...form.register("apiKey", { setValueAs: (value: string) => value || undefined })}
              />
            </Field>
          )}
        </>
      )}
      <FormError message={errors.root?.server?.message} />
      <div>
        <Button type="submit" look="primary" busy={isSubmitting} disabled={!isDirty}>
          Save
        </Button>
      </div>
    </form>
  );
}
