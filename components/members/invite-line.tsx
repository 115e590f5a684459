"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { toast } from "@/components/ui/toast";
import { revokeInviteAction } from "@/lib/workspaces/actions";
import type { InviteRow } from "@/lib/workspaces/schema";

export function InviteLine({ invite }: { invite: InviteRow }) {
  const { slug } = usePlace();
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const revoke = async () => {
    setBusy(true);
    const result = await revokeInviteAction(slug, { id: invite.id });
    setBusy(false);
    if (!result.ok) toast.failed({ title: "The invite was not revoked", description: result.error.message });
    router.refresh();
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2 text-sm">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{invite.note || "Without a note"}</p>
        <p className="text-muted">
          as {invite.role}
          {invite.createdBy && ` · by ${invite.createdBy}`} · ends <RelativeTime at={invite.expiresAt} />
        </p>
      </div>
      <Button size="sm" busy={busy} onClick={() => void revoke()}>
        Revoke
      </Button>
    </li>
  );
}
