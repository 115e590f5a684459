"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { usePlace } from "@/components/shell/place";
import { toast } from "@/components/ui/toast";
import { jobKeys } from "@/lib/jobs/queries";
import type { Submitted } from "@/lib/jobs/schema";
import type { Result } from "@/lib/kernel/result";

type Run = (slug: string) => Promise<Result<Submitted>>;

/** Runs one action on a job at a time, says what happened and looks at the job again at once. */
export function useJobAction(id: string) {
  const { slug } = usePlace();
  const client = useQueryClient();
  const inFlight = useRef(false);
  const [busy, setBusy] = useState<string | null>(null);

  /** @returns what the action answered, or null when it failed (which was said) or another one is under way. */
  const act = async (name: string, run: Run): Promise<Submitted | null> => {
    if (inFlight.current) return null;
    inFlight.current = true;
    setBusy(name);
    try {
      const result = await run(slug);
      if (result.ok) return result.value;
      toast.failed({ title: "That did not work", description: result.error.message });
      return null;
    } catch {
      toast.failed({
        title: "No answer came back",
        description: "It may or may not have worked. The page shows what is true once Jobdeck answers again.",
      });
      return null;
    } finally {
      inFlight.current = false;
      setBusy(null);
      void client.invalidateQueries({ queryKey: jobKeys.detail(slug, id) });
    }
  };
  return { act, busy };
}
