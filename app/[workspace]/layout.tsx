import type { ReactNode } from "react";
import { findContext } from "@/app/[workspace]/page-context";
import { AppShell } from "@/components/shell/app-shell";
import { PlaceProvider } from "@/components/shell/place";
import { listMemberships } from "@/lib/auth/context";
import { AppError } from "@/lib/kernel/errors";

type LayoutProps = { children: ReactNode; params: Promise<{ workspace: string }> };

export default async function WorkspaceLayout({ children, params }: LayoutProps) {
  const { workspace: slug } = await params;
  const ctx = await findContext(slug).catch((error: unknown) => {
    // The page checks for itself and knows where to send people; there is only no shell around it.
    if (error instanceof AppError) return null;
    throw error;
  });
  if (!ctx) return children;
  const { person, workspace, role } = ctx;
  return (
    <PlaceProvider slug={workspace.slug} role={role}>
      <AppShell
        workspace={{ slug: workspace.slug, name: workspace.name }}
        workspaces={await listMemberships(person.id)}
        viewer={{ name: person.name, email: person.email, role }}
      >
        {children}
      </AppShell>
    </PlaceProvider>
  );
}
