"use server";

import { defineAction } from "@/lib/auth/define-action";
import { draftSlotSchema, saveDraftSchema } from "@/lib/drafts/schema";
import { clearDraft, readDraft, saveDraft } from "@/lib/drafts/service";

export const saveDraftAction = defineAction({
  permission: "jobs:submit",
  input: saveDraftSchema,
  run: saveDraft,
});
export const readDraftAction = defineAction({
  permission: "jobs:submit",
  input: draftSlotSchema,
  run: readDraft,
});
export const clearDraftAction = defineAction({
  permission: "jobs:submit",
  input: draftSlotSchema,
  run: clearDraft,
});
