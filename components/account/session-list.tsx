"use client";

import { LogOut } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { toast } from "@/components/ui/toast";
import { endOtherSessionsAction, endSessionAction } from "@/lib/account/actions";
import type { SessionRow } from "@/lib/account/schema";
import type { Result } from "@/lib/kernel/result";

export function SessionList({ sessions }: { sessions: readonly SessionRow[] }) {
  const { slug } = usePlace();
  const router = useRouter();
  const [busy, setBusy] = useState<string>();
  const end = async (which: string, work: () => Promise<Result<unknown>>) => {
    setBusy(which);
    const result = await work();
    if (!result.ok) toast.failed({ title: "Nobody was signed out", description: result.error.message });
    router.refresh();
    setBusy(undefined);
  };
  return (
    <>
      <ul className="divide-y border-y">
        {sessions.map((session) => (
          <li key={session.id} className="flex items-center justify-between gap-4 py-2 text-sm">
            <div className="min-w-0">
              <p className="truncate font-medium">
                {session.device}
                {session.isCurrent && <span className="font-normal text-faint"> (this browser)</span>}
              </p>
              <p className="text-muted">
                Signed in <RelativeTime at={session.signedInAt} />
                {session.address && ` from ${session.address}`}
              </p>
            </div>
            {!session.isCurrent && (
              <Button
                size="sm"
                busy={busy === session.id}
                onClick={() => void end(session.id, () => endSessionAction(slug, { id: session.id }))}
                icon={<LogOut aria-hidden className="size-3.5" />}
                aria-label={`Sign out ${session.device}`}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 2 && (
        <Button
          className="mt-3"
          busy={busy === "others"}
          onClick={() => void end("others", () => endOtherSessionsAction(slug, {}))}
        >
          Sign out all others
        </Button>
      )}
    </>
  );
}
