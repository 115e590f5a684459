"use client";

import { useState } from "react";
import { useFormContext } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import type { Filled } from "@/components/composer/import-dialog";
import { filledWith } from "@/components/composer/import-request";
import type { EndpointRow } from "@/lib/endpoints/schema";

type Asking = { text: string | null; insert: (() => void) | null };
type Done = { filled: Filled; before: ComposeValues };

/** The way of a paste into the form: ask, fill, undo. */
export function useImport(endpoints: readonly EndpointRow[]) {
  const form = useFormContext<ComposeValues>();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [done, setDone] = useState<Done | null>(null);

  const put = ({ endpointId, request }: ComposeValues) => {
    const how = { shouldDirty: true, shouldValidate: form.formState.isSubmitted };
    form.setValue("endpointId", endpointId, how);
    form.setValue("request", request, how);
  };
  return {
    asking,
    done,
    ask: () => setAsking({ text: null, insert: null }),
    close: () => setAsking(null),
    /** Text on its way into the editor that may be more than an input. What it is, the reader says; it is not in yet. */
    pasted: async (text: string, insert: () => void) => {
      const reader = await import("@/lib/requests/imports").catch(() => null);
      // Without the reader (the network went away) a paste is what it always was.
      if (!reader || reader.readPasted(text).kind === "text") insert();
      else setAsking({ text, insert });
    },
    fill: (filled: Filled) => {
      const before = structuredClone(form.getValues());
      put(filledWith(before, filled.request, endpoints));
      setDone({ filled, before });
      setAsking(null);
    },
    undo: () => {
      if (done) put(done.before);
      setDone(null);
    },
    dismiss: () => setDone(null),
  };
}
