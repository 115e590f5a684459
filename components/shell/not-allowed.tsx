import { Lock } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import type { Role } from "@/lib/auth/permissions";

/** A page that exists but not for this role: who could change that, not a blank. */
export function NotAllowed({ what, needs, role }: { what: string; needs: Role; role: Role }) {
  return (
    <EmptyState isPage icon={<Lock aria-hidden />} title={`Your role may not ${what}`}>
      You are {role} here; this needs {needs} or higher. Ask an admin of the workspace.
    </EmptyState>
  );
}
