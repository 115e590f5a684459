"use client";

import { useFormContext } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { WholeRequest } from "@/lib/requests/whole-request";

/** A whole body was pasted as the input: say what would happen, and offer to put its parts where they belong. */
export function WholeRequestNotice({ whole }: { whole: WholeRequest }) {
  const form = useFormContext<ComposeValues>();
  const spread = () => {
    const request = form.getValues("request");
    const { unknownKeys: _, ...parts } = whole;
    form.setValue(
      "request",
      { ...request, ...parts },
      { shouldDirty: true, shouldValidate: form.formState.isSubmitted },
    );
  };
  const { unknownKeys } = whole;
  return (
    <Notice
      tone="warning"
      role="status"
      title="This looks like a whole request, not an input"
      actions={
        <Button size="sm" onClick={spread}>
          Put its parts where they belong
        </Button>
      }
    >
      Sent as it is, the worker would receive it nested one level too deep.
      {unknownKeys.length > 0 && (
        <>
          {" "}
          {unknownKeys.length === 1 ? "The key " : "The keys "}
          <code className="font-mono">{unknownKeys.slice(0, 8).join(", ")}</code>
          {unknownKeys.length === 1 ? " is" : " are"} not part of a request; the provider discards{" "}
          {unknownKeys.length === 1 ? "it" : "them"}, so {unknownKeys.length === 1 ? "it is" : "they are"}{" "}
          left out.
        </>
      )}
    </Notice>
  );
}
