"use client";

import { useRef, useState } from "react";
import type { ComposeOutput } from "@/components/composer/compose-values";
import { newClientKey } from "@/components/ui/client-key";
import { submitJobAction } from "@/lib/jobs/actions";
import type { Submitted } from "@/lib/jobs/schema";
import type { PublicError } from "@/lib/kernel/errors";

const NO_ANSWER: PublicError = {
  code: "unavailable",
  message:
    "No answer came back, so it is not known whether the request was saved. Send it again: Jobdeck recognises the same request and never makes a second job of it.",
};

/**
 * Sends one intent at most once. The client key stays with the payload until the server has answered for it, so a
 * second press, a lost answer or an impatient retry is the same job; a changed payload is a new intent.
 */
export function useSubmit(slug: string) {
  const intent = useRef<{ payload: string; clientKey: string } | null>(null);
  const inFlight = useRef(false);
  const [busy, setBusy] = useState(false);

  const submit = async (
    values: ComposeOutput & { originJobId?: string },
  ): Promise<{ ok: true; value: Submitted } | { ok: false; error: PublicError } | null> => {
    if (inFlight.current) return null;
    inFlight.current = true;
    setBusy(true);
    const payload = JSON.stringify(values);
    if (intent.current?.payload !== payload) intent.current = { payload, clientKey: newClientKey() };
    try {
      const result = await submitJobAction(slug, { ...values, clientKey: intent.current.clientKey });
      if (result.ok) intent.current = null;
      return result;
    } catch {
      return { ok: false, error: NO_ANSWER };
    } finally {
      inFlight.current = false;
      setBusy(false);
    }
  };
  return { submit, busy };
}
