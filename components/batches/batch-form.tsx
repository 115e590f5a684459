"use client";

import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";
import { FormProvider, useForm } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { EndpointField } from "@/components/composer/endpoint-field";
import { PolicyFields } from "@/components/composer/policy-fields";
import { S3Fields } from "@/components/composer/s3-fields";
import { usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { newClientKey } from "@/components/ui/client-key";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { TextInput } from "@/components/ui/text-input";
import { Textarea } from "@/components/ui/textarea";
import { submitBatchAction } from "@/lib/batches/actions";
import { BATCH_MAX_REQUESTS, submitBatchSchema } from "@/lib/batches/schema";
import type { EndpointRow } from "@/lib/endpoints/schema";
import { readManyInputs } from "@/lib/requests/many-inputs";

type BatchValues = ComposeValues & { name: string; text: string; pauseAfterFailures: string };

const EXAMPLE = '{"seed": 1}\n{"seed": 2}\n{"seed": 3}';

export function BatchForm({ endpoints }: { endpoints: readonly EndpointRow[] }) {
  const { slug } = usePlace();
  const router = useRouter();
  const intent = useRef<{ payload: string; clientKey: string } | null>(null);
  const [problem, setProblem] = useState<string>();
  const only = endpoints.length === 1 ? endpoints[0]?.id : undefined;
  const form = useForm<BatchValues>({
    defaultValues: {
      endpointId: only ?? "",
      request: { inputText: "{}" },
      name: "",
      text: "",
      pauseAfterFailures: "",
    },
  });
  const text = form.watch("text");
  const read = useMemo(() => readManyInputs(text), [text]);

  const send = form.handleSubmit(async ({ endpointId, name, pauseAfterFailures, request }) => {
    setProblem(undefined);
    const { inputText: _none, ...settings } = request;
    const values = {
      endpointId,
      name,
      settings,
      inputs: read.inputs,
      ...(pauseAfterFailures && { pauseAfterFailures: Number(pauseAfterFailures) }),
    };
    const payload = JSON.stringify(values);
    if (intent.current?.payload !== payload) intent.current = { payload, clientKey: newClientKey() };
    const input = { ...values, clientKey: intent.current.clientKey };
    const parsed = submitBatchSchema.safeParse(input);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      if (issue?.path[0] === "endpointId")
        form.setError("endpointId", { message: "Choose the endpoint." }, { shouldFocus: true });
      else setProblem(issue?.message);
      return;
    }
    try {
      const result = await submitBatchAction(slug, input);
      if (result.ok) router.push(`/${slug}/batches/${result.value.id}`);
      else setProblem(result.error.message);
    } catch {
      setProblem(
        "No answer came back. Send it again: Jobdeck recognises the same batch and never makes a second one.",
      );
    }
  });

  const problems = read.problems.slice(0, 3).map(({ at, message }) => `Line ${at}: ${message}`);
  const count = read.inputs.length;
  return (
    <FormProvider {...form}>
      <form method="post" noValidate onSubmit={send} className="flex max-w-3xl flex-col gap-5">
        {/* The fields of the composer, around many inputs instead of one. */}
        <EndpointField endpoints={endpoints} onPick={() => {}} />
        <Field label="Name" hint="To find it again.">
          <TextInput maxLength={80} placeholder="Seeds for the poster" {...form.register("name")} />
        </Field>
        <Field
          label="Inputs"
          aside={`${count.toLocaleString("en")} of ${BATCH_MAX_REQUESTS.toLocaleString("en")}`}
          hint="One JSON object per line, or a JSON array of objects."
          error={problems.length > 0 ? problems.join(" ") : undefined}
        >
          <Textarea
            rows={10}
            spellCheck={false}
            placeholder={EXAMPLE}
            className="font-mono text-sm"
            {...form.register("text")}
          />
        </Field>
        <Field label="Pause after failures" hint="Empty: it goes on whatever happens.">
          <TextInput inputMode="numeric" className="max-w-32" {...form.register("pauseAfterFailures")} />
        </Field>
        <details className="border-t pt-3">
          <summary className="text-sm font-medium">Webhook, timeouts and priority</summary>
          <div className="pt-3">
            <PolicyFields />
          </div>
        </details>
        <details className="border-t pt-3">
          <summary className="text-sm font-medium">Advanced</summary>
          <div className="pt-3">
            <S3Fields keepsSecrets={false} />
          </div>
        </details>
        <FormError message={problem} />
        <div>
          <Button
            type="submit"
            look="primary"
            busy={form.formState.isSubmitting}
            disabled={count === 0 || problems.length > 0}
          >
            {count > 0
              ? `Send ${count.toLocaleString("en")} ${count === 1 ? "request" : "requests"}`
              : "Send"}
          </Button>
        </div>
      </form>
    </FormProvider>
  );
}
