"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { signOutAction } from "@/lib/workspaces/actions";

export function SignOutButton() {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const signOut = async () => {
    setBusy(true);
    const result = await signOutAction({});
    if (result.ok) return window.location.assign("/sign-in");
    setBusy(false);
    setError(result.error.message);
  };
  return (
    <div className="flex flex-col items-start gap-3">
      <FormError message={error} />
      <Button busy={busy} onClick={() => void signOut()}>
        Sign out
      </Button>
    </div>
  );
}
