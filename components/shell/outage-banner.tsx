"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Notice } from "@/components/ui/notice";
import { currentOutage, type Outage } from "@/lib/kernel/queries";

const WORDS: Record<Outage, { title: string; meaning: string }> = {
  server: {
    title: "Jobdeck does not answer",
    meaning: "It may be restarting, or your connection is gone.",
  },
  database: {
    title: "Jobdeck cannot reach its database",
    meaning: "It may be restarting. Jobs that were sent go on at the provider.",
  },
};

/** `null` on the server and while everything answers. */
export function useOutage(): Outage | null {
  const client = useQueryClient();
  return useSyncExternalStore(
    (changed) => client.getQueryCache().subscribe(changed),
    () => currentOutage(client),
    () => null,
  );
}

/** Says on every page why it stands still, over what it last knew. Goes away by itself. */
export function OutageBanner() {
  const outage = useOutage();
  const words = outage && WORDS[outage];
  return (
    <div role="alert">
      {words && (
        <div className="mb-4">
          <Notice tone="warning" title={words.title}>
            {words.meaning} What you see is the last that was read; this page catches up by itself.
          </Notice>
        </div>
      )}
    </div>
  );
}
