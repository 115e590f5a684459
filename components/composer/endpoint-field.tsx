"use client";

import { useController, useFormContext } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { kindWord } from "@/components/endpoints/endpoint-words";
import { Field } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import type { EndpointRow } from "@/lib/endpoints/schema";

type EndpointFieldProps = { endpoints: readonly EndpointRow[]; onPick: (endpoint: EndpointRow) => void };

export function EndpointField({ endpoints, onPick }: EndpointFieldProps) {
  const { control } = useFormContext<ComposeValues>();
  const { field, fieldState } = useController({ control, name: "endpointId" });
  const chosen = endpoints.find((endpoint) => endpoint.id === field.value);
  return (
    <div className="space-y-2">
      <Field label="Endpoint" error={fieldState.error?.message}>
        <Select
          value={chosen?.id ?? null}
          placeholder="Choose an endpoint…"
          onChange={(id) => {
            field.onChange(id);
            const picked = endpoints.find((endpoint) => endpoint.id === id);
            if (picked) onPick(picked);
          }}
          options={endpoints.map((endpoint) => ({
            value: endpoint.id,
            label: endpoint.name,
            note: `${kindWord(endpoint.kind)} · ${endpoint.upstreamId}${endpoint.pausedAt ? " · paused" : ""}`,
          }))}
        />
      </Field>
      {chosen?.pausedAt && (
        <Notice tone="warning" title="This endpoint is paused">
          {chosen.pausedReason} A request is saved and sent when the endpoint is resumed.
        </Notice>
      )}
    </div>
  );
}
