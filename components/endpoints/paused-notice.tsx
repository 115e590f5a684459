"use client";

import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMay, usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { resumeEndpointAction } from "@/lib/endpoints/actions";
import type { EndpointRow } from "@/lib/endpoints/schema";

/** Says why nothing is sent or watched, and lets an editor resume it. */
export function PausedNotice({ endpoint }: { endpoint: EndpointRow }) {
  const { slug } = usePlace();
  const router = useRouter();
  const mayEdit = useMay("endpoints:edit");
  const [busy, setBusy] = useState(false);
  if (!endpoint.pausedAt) return null;
  const resume = async () => {
    setBusy(true);
    const result = await resumeEndpointAction(slug, { id: endpoint.id });
    setBusy(false);
    if (!result.ok) return toast.failed({ title: "It is still paused", description: result.error.message });
    toast.done({ title: `${endpoint.name} was resumed` });
    router.refresh();
  };
  return (
    <Notice
      tone="warning"
      title="Paused: nothing is sent or watched"
      actions={
        mayEdit && (
          <Button
            size="sm"
            busy={busy}
            onClick={() => void resume()}
            icon={<Play aria-hidden className="size-3.5" />}
          >
            Resume
          </Button>
        )
      }
    >
      {endpoint.pausedReason} Its jobs are kept. Enter a good key below, or resume if this one is good again.
    </Notice>
  );
}
