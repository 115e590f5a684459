"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { Logo } from "@/components/shell/logo";
import { NavDrawer } from "@/components/shell/nav-drawer";
import { NavigationShortcuts, SideNavigation } from "@/components/shell/navigation";
import { OutageBanner } from "@/components/shell/outage-banner";
import { ShortcutSheet } from "@/components/shell/shortcut-sheet";
import { useShortcut } from "@/components/shell/shortcuts";
import { UserMenu, type Viewer } from "@/components/shell/user-menu";
import { type WorkspaceChoice, WorkspaceSwitcher } from "@/components/shell/workspace-switcher";
import { AppLink } from "@/components/ui/app-link";

type AppShellProps = {
  workspace: WorkspaceChoice;
  workspaces: readonly WorkspaceChoice[];
  viewer: Viewer;
  children: ReactNode;
};

export function AppShell({ workspace, workspaces, viewer, children }: AppShellProps) {
  const router = useRouter();
  useShortcut("c", "Compose a request", () => router.push(`/${workspace.slug}/compose`));
  return (
    <div className="flex min-h-dvh flex-col md:grid md:grid-cols-[13rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-raised px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b bg-canvas px-4 md:hidden">
        <NavDrawer workspace={workspace} workspaces={workspaces} />
        <AppLink href={`/${workspace.slug}`} aria-label="Jobdeck: overview" className="rounded-md">
          <Logo />
        </AppLink>
        <span className="min-w-0 flex-1 truncate text-sm text-muted">{workspace.name}</span>
        <span className="w-8 coarse:w-10">
          <UserMenu viewer={viewer} compact />
        </span>
      </header>
      <aside className="sticky top-0 hidden h-dvh flex-col border-r bg-sunken md:flex">
        <div className="flex flex-col gap-1 px-2 pt-3 pb-3">
          <AppLink
            href={`/${workspace.slug}`}
            aria-label="Jobdeck: overview"
            className="rounded-md px-2 py-1"
          >
            <Logo />
          </AppLink>
          <WorkspaceSwitcher current={workspace} all={workspaces} />
        </div>
        <SideNavigation slug={workspace.slug} />
        <div className="mt-auto p-2">
          <UserMenu viewer={viewer} />
        </div>
      </aside>
      <main id="content" tabIndex={-1} className="min-w-0 flex-1 px-4 py-4 outline-none md:px-6 md:py-5">
        <OutageBanner />
        {children}
      </main>
      <NavigationShortcuts slug={workspace.slug} />
      <ShortcutSheet />
    </div>
  );
}
