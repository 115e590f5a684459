"use client";

import { type ComposeStart, type ComposeValues, withoutSecrets } from "@/components/composer/compose-values";

type Draft = { values: ComposeValues; originJobId?: string };
const storageKey = (draftKey: string) => `jobdeck-draft:${draftKey}`;

/** Keeps what is being written across a reload of this tab. Secrets never go in. */
export function saveDraft(draftKey: string, values: ComposeValues, originJobId: string | undefined): void {
  try {
    sessionStorage.setItem(
      storageKey(draftKey),
      JSON.stringify({ values: withoutSecrets(values), originJobId } satisfies Draft),
    );
  } catch {
    // The storage is full or switched off (an input may be 10 MB): the form itself still holds everything.
  }
}

export function loadDraft(draftKey: string): ComposeStart | null {
  try {
    const text = sessionStorage.getItem(storageKey(draftKey));
    const draft = text ? (JSON.parse(text) as Draft) : null;
    return typeof draft?.values?.request?.inputText === "string"
      ? ({ ...draft.values, originJobId: draft.originJobId } as ComposeStart)
      : null;
  } catch {
    return null; // unreadable: start from what the page offers
  }
}

export const clearDraft = (draftKey: string): void => sessionStorage.removeItem(storageKey(draftKey));
