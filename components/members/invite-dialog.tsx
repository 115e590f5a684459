"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { RoleSelect } from "@/components/members/role-select";
import { usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { TextInput } from "@/components/ui/text-input";
import type { Role } from "@/lib/auth/permissions";
import { createInviteAction } from "@/lib/workspaces/actions";

type InviteDialogProps = { open: boolean; onOpenChange: (open: boolean) => void };

export function InviteDialog({ open, onOpenChange }: InviteDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Invite somebody"
      description="Make a link and send it yourself. It works once, for one person."
    >
      <InviteForm onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function InviteForm({ onDone }: { onDone: () => void }) {
  const { slug } = usePlace();
  const router = useRouter();
  const [role, setRole] = useState<Role>("submitter");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const [link, setLink] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    const result = await createInviteAction(slug, { role, note });
    setBusy(false);
    if (!result.ok) return setError(result.error.message);
    // Without a public address the link is for whoever reaches Jobdeck the way this browser does.
    setLink(result.value.url ?? new URL(result.value.path, window.location.origin).href);
    router.refresh();
  };

  if (link)
    return (
      <div className="space-y-3">
        <Field label="Invite link" hint="Copy it now: it is not shown again. Whoever has it can join.">
          <TextInput mono readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        </Field>
        <DialogActions>
          <CopyButton text={link} what="the link" labelled className="h-8" />
          <Button look="primary" onClick={onDone}>
            Done
          </Button>
        </DialogActions>
      </div>
    );
  return (
    <form method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <Field label="Role">
        <RoleSelect value={role} onChange={setRole} />
      </Field>
      <Field label="For whom" hint="A note for the list of open invites. Optional.">
        <TextInput value={note} maxLength={120} onChange={(event) => setNote(event.currentTarget.value)} />
      </Field>
      <FormError message={error} />
      <DialogActions>
        <Button type="submit" look="primary" busy={busy}>
          Make the link
        </Button>
      </DialogActions>
    </form>
  );
}
