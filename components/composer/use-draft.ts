"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { type UseFormReturn, useWatch } from "react-hook-form";
import type { ComposeOutput, ComposeValues } from "@/components/composer/compose-values";
import { isWorthKeeping, toDraft } from "@/components/composer/draft-content";
import { clearDraftAction, saveDraftAction } from "@/lib/drafts/actions";
import { DRAFT_INPUT_MAX_CHARACTERS, type DraftContent, endpointSlot, jobSlot } from "@/lib/drafts/schema";

export type DraftState =
  | { kind: "quiet" }
  | { kind: "saved"; at: string }
  | { kind: "failed" }
  | { kind: "too_large" };

type UseDraft = {
  slug: string;
  form: UseFormReturn<ComposeValues, unknown, ComposeOutput>;
  originJobId: string | undefined;
  /** The version of the draft that the page started with; 0: none. */
  version: number;
};

/** After the last change, so that a word costs one save and not one per letter. */
const PAUSE_MS = 800;

/**
 * Keeps what is being written on the server. Saves go one after the other, and only when something changed since the last
 * one; a failed save is tried again with the next change.
 */
export function useDraft({ slug, form, originJobId, version }: UseDraft) {
  const [state, setState] = useState<DraftState>({ kind: "quiet" });
  const [replaced, setReplaced] = useState<DraftContent | null>(null);
  const values = useWatch({ control: form.control });
  const slotOf = useCallback(
    (endpointId: string | null) => (originJobId ? jobSlot(originJobId) : endpointSlot(endpointId)),
    [originJobId],
  );
  const seen = useRef(new Map<string, number>());
  const kept = useRef<string | null>(null);
  const line = useRef(Promise.resolve());

  const save = useCallback(() => {
    const content = toDraft(form.getValues());
    const json = JSON.stringify(content);
    // What the page started with is there already, or is nobody's work.
    if (kept.current === null) kept.current = json;
    if (json === kept.current || !isWorthKeeping(content)) return;
    if (content.inputText.length > DRAFT_INPUT_MAX_CHARACTERS) return setState({ kind: "too_large" });
    kept.current = json;
    const slot = slotOf(content.endpointId);
    line.current = line.current.then(async () => {
      const basedOn = seen.current.get(slot) ?? 0;
      const result = await saveDraftAction(slug, { slot, basedOn, content }).catch(() => null);
      if (!result?.ok) {
        kept.current = "";
        return setState({ kind: "failed" });
      }
      // The draft moves along when another endpoint is chosen, or its older self would come back one day.
      await forgetOthers(slug, seen.current, slot);
      seen.current.set(slot, result.value.version);
      setState({ kind: "saved", at: result.value.savedAt });
      if (result.value.replaced && JSON.stringify(result.value.replaced) !== json)
        setReplaced(result.value.replaced);
    });
  }, [form, slug, slotOf]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of a value starts the pause anew
  useEffect(() => {
    if (kept.current === null) {
      const content = toDraft(form.getValues());
      kept.current = JSON.stringify(content);
      if (version > 0) seen.current.set(slotOf(content.endpointId), version);
      return;
    }
    const timer = setTimeout(save, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [values, save]);

  useEffect(() => {
    const onHidden = () => document.visibilityState === "hidden" && save();
    document.addEventListener("visibilitychange", onHidden);
    return () => {
      document.removeEventListener("visibilitychange", onHidden);
      // Leaving the page within the pause loses nothing.
      save();
    };
  }, [save]);

  return {
    state,
    replaced,
    dismissReplaced: () => setReplaced(null),
    /** A draft that was read meanwhile is what the next save is based on. */
    seeVersion: (slot: string, known: number) => seen.current.set(slot, known),
    /** It was sent, or is not wanted: forget it here and on the server. What stands in the form now is not saved again. */
    clear: () => {
      const content = toDraft(form.getValues());
      kept.current = JSON.stringify(content);
      setState({ kind: "quiet" });
      setReplaced(null);
      line.current = line.current.then(() => forgetOthers(slug, seen.current, null));
    },
  };
}

/** Clears the drafts that this page knows of, but for one. What cannot be cleared now stays known for the next time. */
async function forgetOthers(slug: string, seen: Map<string, number>, keep: string | null): Promise<void> {
  for (const slot of [...seen.keys()]) {
    if (slot === keep) continue;
    const result = await clearDraftAction(slug, { slot }).catch(() => null);
    if (result?.ok) seen.delete(slot);
  }
}
