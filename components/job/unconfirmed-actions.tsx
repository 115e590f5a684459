"use client";

import { useState } from "react";
import { useJobAction } from "@/components/job/use-job-action";
import { useMay } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { markNotSentAction, resendJobAction } from "@/lib/jobs/actions";

/** The two ways out of doubt. Both are a person's decision, and the dear one says so first. */
export function UnconfirmedActions({ id }: { id: string }) {
  const [asking, setAsking] = useState<"resend" | "mark" | null>(null);
  const { act } = useJobAction(id);
  if (!useMay("jobs:submit")) return null;
  return (
    <>
      <Button size="sm" onClick={() => setAsking("resend")}>
        Send again anyway…
      </Button>
      <Button size="sm" onClick={() => setAsking("mark")}>
        Mark as not sent…
      </Button>
      <ConfirmDialog
        open={asking === "resend"}
        onOpenChange={() => setAsking(null)}
        title="Send this request again?"
        confirmLabel="Send again"
        danger
        onConfirm={async () => (await act("resend", (slug) => resendJobAction(slug, { id }))) !== null}
      >
        <p>
          The first attempt may have reached the endpoint. If it did, the job runs twice and{" "}
          <strong className="font-semibold text-ink">you may pay for it twice</strong>.
        </p>
        <p>To be sure, look for it in the provider's own console first.</p>
      </ConfirmDialog>
      <ConfirmDialog
        open={asking === "mark"}
        onOpenChange={() => setAsking(null)}
        title="Mark this job as not sent?"
        confirmLabel="Mark as not sent"
        onConfirm={async () => (await act("mark", (slug) => markNotSentAction(slug, { id }))) !== null}
      >
        <p>
          Do this when you know that the endpoint never got the request. The job is then closed as rejected;
          nothing is sent and nothing is cancelled at the provider.
        </p>
      </ConfirmDialog>
    </>
  );
}
