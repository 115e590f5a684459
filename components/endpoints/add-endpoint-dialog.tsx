"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Controller, useForm } from "react-hook-form";
import { ConnectionReportView } from "@/components/endpoints/connection-report";
import { type EndpointFormValues, endpointFormSchema } from "@/components/endpoints/endpoint-form-values";
import { useMay, usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Select } from "@/components/ui/select";
import { showServerError } from "@/components/ui/server-error";
import { SecretInput, TextInput } from "@/components/ui/text-input";
import { addEndpointAction, testConnectionAction } from "@/lib/endpoints/actions";
import type { AddEndpoint, ConnectionReport } from "@/lib/endpoints/schema";

const EMPTY: EndpointFormValues = { kind: "runpod", name: "", upstreamId: "", apiKey: "", baseUrl: "" };

type AddEndpointDialogProps = { open: boolean; onOpenChange: (open: boolean) => void };

export function AddEndpointDialog({ open, onOpenChange }: AddEndpointDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Connect an endpoint"
      description="The API key is sealed on the server and never shown again."
    >
      <AddEndpointForm />
    </Dialog>
  );
}

function AddEndpointForm() {
  const { slug } = usePlace();
  const router = useRouter();
  const [mayHoldKeys, mayUseAnyAddress] = [useMay("credentials:edit"), useMay("endpoints:custom")];
  const [report, setReport] = useState<ConnectionReport | null>(null);
  const [testing, setTesting] = useState(false);
  const form = useForm<EndpointFormValues, unknown, AddEndpoint>({
    resolver: zodResolver(endpointFormSchema),
    defaultValues: { ...EMPTY, kind: mayHoldKeys ? "runpod" : "local" },
  });
  const { register, control, formState, handleSubmit, watch } = form;
  const { errors, isSubmitting } = formState;
  const kind = watch("kind");

  const test = handleSubmit(async (values) => {
    if (values.kind === "local") return;
    setTesting(true);
    setReport(null);
    const { name: _, ...connection } = values;
    const result = await testConnectionAction(slug, connection);
    setTesting(false);
    if (result.ok) setReport(result.value);
    else showServerError(form, result.error);
  });
  const submit = handleSubmit(async (values) => {
    const result = await addEndpointAction(slug, values);
    if (!result.ok) return showServerError(form, result.error);
    // Not closed first: taking ?add out of the address would overtake the way to the new endpoint's page.
    router.replace(`/${slug}/endpoints/${result.value.id}`);
    router.refresh();
  });

  return (
    <form
      method="post"
      noValidate
      onSubmit={submit}
      onChange={() => setReport(null)}
      className="flex flex-col gap-4"
    >
      <Controller
        control={control}
        name="kind"
        render={({ field }) => (
          <Field label="Kind">
            <Select
              value={field.value}
              onChange={(next) => {
                field.onChange(next);
                setReport(null);
              }}
              options={[
                {
                  value: "runpod",
                  label: "RunPod",
                  note: "Serverless endpoint on RunPod",
                  disabled: !mayHoldKeys,
                },
                {
                  value: "custom",
                  label: "Custom address",
                  note: mayUseAnyAddress
                    ? "A proxy or another cloud with the same API"
                    : "Needs the role admin",
                  disabled: !mayUseAnyAddress,
                },
                { value: "local", label: "Local", note: "Served by Jobdeck; your own workers attach to it" },
              ]}
            />
          </Field>
        )}
      />
      <Field
        label="Name"
        hint={kind === "local" ? "Part of its address: a-z, 0-9 and -." : "As your team calls it."}
        error={errors.name?.message}
      >
        <TextInput autoComplete="off" {...register("name")} />
      </Field>
      {kind === "custom" && (
        <Field label="Base URL" hint="Everything before the endpoint id." error={errors.baseUrl?.message}>
          <TextInput
            mono
            inputMode="url"
            placeholder="https://proxy.example.com/v2"
            {...register("baseUrl")}
          />
        </Field>
      )}
      {kind !== "local" && (
        <>
          <Field label="Endpoint id" error={errors.upstreamId?.message}>
            <TextInput mono autoComplete="off" placeholder="vsrx8zdokf21gz" {...register("upstreamId")} />
          </Field>
          <Field
            label="API key"
            hint="It must be allowed to use this endpoint."
            error={errors.apiKey?.message}
          >
            <SecretInput placeholder="rpa_…" {...register("apiKey")} />
          </Field>
        </>
      )}
      {report && <ConnectionReportView report={report} />}
      <FormError message={errors.root?.server?.message} />
      <DialogActions>
        {kind !== "local" && (
          <Button busy={testing} onClick={() => void test()}>
            Test connection
          </Button>
        )}
        <Button type="submit" look="primary" busy={isSubmitting && !testing}>
          {kind === "local" ? "Create endpoint" : "Connect endpoint"}
        </Button>
      </DialogActions>
    </form>
  );
}
