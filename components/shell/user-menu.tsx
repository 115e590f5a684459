"use client";

import { CircleUser, KeyRound, LogOut } from "lucide-react";
import { usePlace } from "@/components/shell/place";
import { ThemeChoice } from "@/components/shell/theme-choice";
import { Menu, MenuHeading, MenuItem, MenuLink, MenuSeparator } from "@/components/ui/menu";
import { toast } from "@/components/ui/toast";
import { signOutAction } from "@/lib/workspaces/actions";

export type Viewer = { name: string; email: string; role: string };

export function UserMenu({ viewer, compact }: { viewer: Viewer; compact?: boolean }) {
  const { slug } = usePlace();
  const signOut = async () => {
    const result = await signOutAction({});
    if (!result.ok)
      return toast.failed({ title: "You are still signed in", description: result.error.message });
    // A full load, so that nothing of this person stays in the page's memory.
    window.location.assign("/sign-in");
  };
  return (
    <Menu
      side={compact ? "bottom" : "top"}
      align={compact ? "end" : "start"}
      trigger={
        <button
          type="button"
          aria-label={`${viewer.name}: account, theme and sign out`}
          className="flex min-h-8 w-full min-w-0 items-center gap-2.5 rounded-md px-2 text-left text-base text-muted hover:bg-hover hover:text-ink coarse:min-h-10"
        >
          <CircleUser aria-hidden className="size-4 shrink-0" />
          {!compact && <span className="truncate">{viewer.name}</span>}
        </button>
      }
    >
      <MenuHeading>
        <span className="block truncate text-base font-medium">{viewer.name}</span>
        <span className="block truncate text-xs text-faint">
          {viewer.email} · {viewer.role}
        </span>
      </MenuHeading>
      <MenuSeparator />
      <MenuLink href={`/${slug}/settings/account`}>
        <KeyRound aria-hidden /> Your account
      </MenuLink>
      <MenuSeparator />
      <ThemeChoice />
      <MenuSeparator />
      <MenuItem onSelect={signOut}>
        <LogOut aria-hidden /> Sign out
      </MenuItem>
    </Menu>
  );
}
