"use client";

import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { Menu as MenuIcon, X } from "lucide-react";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { SideNavigation } from "@/components/shell/navigation";
import { type WorkspaceChoice, WorkspaceSwitcher } from "@/components/shell/workspace-switcher";
import { Button } from "@/components/ui/button";
import { backdropClass } from "@/components/ui/dialog";

type NavDrawerProps = { workspace: WorkspaceChoice; workspaces: readonly WorkspaceChoice[] };

/** The navigation below 768 px. It closes by itself when another page is reached. */
export function NavDrawer({ workspace, workspaces }: NavDrawerProps) {
  const pathname = usePathname();
  const [openAt, setOpenAt] = useState<string | null>(null);
  return (
    <BaseDialog.Root open={openAt === pathname} onOpenChange={(open) => setOpenAt(open ? pathname : null)}>
      <BaseDialog.Trigger
        render={<Button look="quiet" size="icon" aria-label="Open the navigation" className="-ml-2" />}
      >
        <MenuIcon aria-hidden className="size-5" />
      </BaseDialog.Trigger>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropClass} />
        <BaseDialog.Popup className="fixed inset-y-0 left-0 z-50 flex w-64 max-w-[85vw] flex-col gap-1 overflow-y-auto border-r bg-sunken pt-2 pb-4 shadow-raised outline-none transition-transform duration-100 data-[ending-style]:-translate-x-full data-[starting-style]:-translate-x-full">
          <div className="flex items-center gap-1 px-2">
            <BaseDialog.Title className="sr-only">Navigation</BaseDialog.Title>
            <span className="min-w-0 flex-1">
              <WorkspaceSwitcher current={workspace} all={workspaces} />
            </span>
            <BaseDialog.Close render={<Button look="quiet" size="icon" aria-label="Close the navigation" />}>
              <X aria-hidden className="size-4" />
            </BaseDialog.Close>
          </div>
          <SideNavigation slug={workspace.slug} onFollow={() => setOpenAt(null)} />
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
