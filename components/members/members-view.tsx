"use client";

import { UserPlus } from "lucide-react";
import { useState } from "react";
import { InviteDialog } from "@/components/members/invite-dialog";
import { InviteLine } from "@/components/members/invite-line";
import { MemberLine } from "@/components/members/member-line";
import { PageHeader } from "@/components/shell/page-header";
import { useMay } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import type { InviteRow, MemberRow } from "@/lib/workspaces/schema";

type MembersViewProps = { members: readonly MemberRow[]; invites: readonly InviteRow[]; viewerId: string };

export function MembersView({ members, invites, viewerId }: MembersViewProps) {
  const mayEdit = useMay("members:edit");
  const [inviting, setInviting] = useState(false);
  const owners = members.filter(({ role }) => role === "owner").length;
  return (
    <div className="max-w-4xl">
      <PageHeader
        title="Members"
        lead="Who may see and do what in this workspace."
        actions={
          mayEdit && (
            <Button
              look="primary"
              onClick={() => setInviting(true)}
              icon={<UserPlus aria-hidden className="size-4" />}
            >
              Invite
            </Button>
          )
        }
      />
      <ul className="divide-y border-y">
        {members.map((member) => (
          <MemberLine
            key={member.userId}
            member={member}
            isViewer={member.userId === viewerId}
            isLastOwner={member.role === "owner" && owners === 1}
          />
        ))}
      </ul>
      {mayEdit && (
        <section className="mt-8">
          <h2 className="mb-2 text-lg font-semibold">Open invites</h2>
          {invites.length === 0 ? (
            <p className="text-sm text-muted">
              None. An invite is a link that you send yourself; it works once.
            </p>
          ) : (
            <ul className="divide-y border-y">
              {invites.map((invite) => (
                <InviteLine key={invite.id} invite={invite} />
              ))}
            </ul>
          )}
          <InviteDialog open={inviting} onOpenChange={setInviting} />
        </section>
      )}
    </div>
  );
}
