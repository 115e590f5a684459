"use client";

import { UserMinus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { RoleSelect } from "@/components/members/role-select";
import { useMay, usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { toast } from "@/components/ui/toast";
import { mayAssign, type Role } from "@/lib/auth/permissions";
import { changeRoleAction, removeMemberAction } from "@/lib/workspaces/actions";
import type { MemberRow } from "@/lib/workspaces/schema";

type MemberLineProps = { member: MemberRow; isViewer: boolean; isLastOwner: boolean };

export function MemberLine({ member, isViewer, isLastOwner }: MemberLineProps) {
  const { slug, role: own } = usePlace();
  const router = useRouter();
  const mayEdit = useMay("members:edit") && mayAssign(own, member.role) && !isLastOwner;
  const [removing, setRemoving] = useState(false);
  const [role, setRole] = useState(member.role);

  const change = async (next: Role) => {
    setRole(next);
    const result = await changeRoleAction(slug, { userId: member.userId, role: next });
    if (result.ok) toast.done({ title: `${member.name} is now ${next}` });
    else {
      setRole(member.role);
      toast.failed({ title: "The role was not changed", description: result.error.message });
    }
    router.refresh();
  };
  const remove = async () => {
    const result = await removeMemberAction(slug, { userId: member.userId });
    if (!result.ok) toast.failed({ title: "The member was not removed", description: result.error.message });
    router.refresh();
    return result.ok;
  };

  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2 text-sm">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">
          {member.name}
          {isViewer && <span className="font-normal text-faint"> (you)</span>}
        </p>
        <p className="truncate text-muted">{member.email}</p>
      </div>
      {mayEdit ? (
        <div className="flex items-center gap-1">
          <RoleSelect
            label={`Role of ${member.name}`}
            value={role}
            onChange={(next) => void change(next)}
            className="w-32"
          />
          <Button
            look="quiet"
            size="icon"
            aria-label={`Remove ${member.name}`}
            title={`Remove ${member.name}`}
            onClick={() => setRemoving(true)}
          >
            <UserMinus aria-hidden className="size-4" />
          </Button>
        </div>
      ) : (
        <span className="text-muted">
          {member.role}
          {isLastOwner && " (the only one)"}
        </span>
      )}
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title={`Remove ${member.name}?`}
        confirmLabel="Remove"
        danger
        onConfirm={remove}
      >
        <p>They lose access at once, also in pages that are open. Their jobs stay.</p>
      </ConfirmDialog>
    </li>
  );
}
