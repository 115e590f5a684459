"use client";

import type { DraftState } from "@/components/composer/use-draft";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";

/** The page started with what was not sent last time. */
export function ResumedNotice({ savedAt, onStartOver }: { savedAt: string; onStartOver: () => void }) {
  return (
    <Notice
      title="Your draft"
      actions={
        <Button size="sm" onClick={onStartOver}>
          Start over
        </Button>
      }
    >
      Written <RelativeTime at={savedAt} /> and not sent yet.
    </Notice>
  );
}

/** Newest wins; the other text is one press away. */
export function ReplacedNotice({ onTake, onDismiss }: { onTake: () => void; onDismiss: () => void }) {
  return (
    <Notice
      tone="warning"
      role="status"
      title="Another draft was replaced"
      actions={
        <>
          <Button size="sm" onClick={onTake}>
            Take the other one
          </Button>
          <Button size="sm" look="quiet" onClick={onDismiss}>
            Keep this one
          </Button>
        </>
      }
    >
      You had written something else for this endpoint, in another tab, on another device or earlier. What
      stands here now is the draft.
    </Notice>
  );
}

/** Whether what is written is safe, in a few words beside the button. */
export function DraftWords({ state }: { state: DraftState }) {
  switch (state.kind) {
    case "quiet":
      return null;
    case "saved":
      return <span className="text-xs text-faint">Draft saved</span>;
    case "failed":
      return (
        <span role="status" className="text-xs text-warning-ink">
          The draft could not be saved; it is tried again with the next change.
        </span>
      );
    case "too_large":
      return (
        <span role="status" className="text-xs text-warning-ink">
          Too large to be kept as a draft.
        </span>
      );
  }
}
