"use client";

import { ClipboardPaste, WandSparkles } from "lucide-react";
import { useDeferredValue, useId, useMemo } from "react";
import { useController, useFormContext } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { ImportParts } from "@/components/composer/import-parts";
import { LazyJsonEditor } from "@/components/composer/lazy-json-editor";
import { useImport } from "@/components/composer/use-import";
import { WholeRequestNotice } from "@/components/composer/whole-request-notice";
import { Button } from "@/components/ui/button";
import { cx } from "@/components/ui/class-names";
import { Notice } from "@/components/ui/notice";
import type { EndpointRow } from "@/lib/endpoints/schema";
import { formatJson } from "@/lib/requests/json-layout";
import { inputWarnings, readJsonObject } from "@/lib/requests/json-text";
import { readWholeRequest } from "@/lib/requests/whole-request";

type InputFieldProps = { endpoints: readonly EndpointRow[]; onSend: () => void };

/** The input as JSON text: kept as text all the way, so that no key, order or number changes. */
export function InputField({ endpoints, onSend }: InputFieldProps) {
  const { control } = useFormContext<ComposeValues>();
  const { field, fieldState } = useController({ control, name: "request.inputText" });
  const hintId = useId();
  const importing = useImport(endpoints);
  const text = useDeferredValue(field.value);
  const { read, whole } = useMemo(
    () => ({ read: readJsonObject(text), whole: readWholeRequest(text) }),
    [text],
  );
  const warnings = read.ok && !whole ? inputWarnings(read.value) : [];
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex items-end justify-between gap-2">
        <span className="text-sm font-medium">Input</span>
        <span className="flex">
          <Button
            look="quiet"
            size="sm"
            onClick={importing.ask}
            icon={<ClipboardPaste aria-hidden className="size-3.5" />}
          >
            Import…
          </Button>
          <Button
            look="quiet"
            size="sm"
            disabled={!read.ok}
            onClick={() => field.onChange(formatJson(field.value))}
            icon={<WandSparkles aria-hidden className="size-3.5" />}
          >
            Format
          </Button>
        </span>
      </div>
      <div
        className={cx(
          "h-[max(14rem,calc(100dvh-31rem))] overflow-hidden rounded-md border bg-raised focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent-ink",
          fieldState.error ? "border-danger-ink" : "border-control",
        )}
      >
        <LazyJsonEditor
          value={field.value}
          onChange={field.onChange}
          onSend={onSend}
          onPaste={(pasted, insert) => void importing.pasted(pasted, insert)}
          label="Input, as JSON"
          describedBy={hintId}
          invalid={Boolean(fieldState.error)}
        />
      </div>
      <p id={hintId} className={cx("text-xs", fieldState.error ? "text-danger-ink" : "text-faint")}>
        {fieldState.error?.message ??
          "A JSON object, whatever the worker expects. Tab indents; Esc, then Tab leaves the editor."}
      </p>
      <ImportParts importing={importing} endpoints={endpoints} />
      {whole && <WholeRequestNotice whole={whole} />}
      {warnings.map((warning) => (
        <Notice key={warning} tone="warning" role="status">
          {warning}
        </Notice>
      ))}
    </div>
  );
}
