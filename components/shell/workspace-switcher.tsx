"use client";

import { Check, ChevronsUpDown } from "lucide-react";
import { Menu, MenuLink } from "@/components/ui/menu";

export type WorkspaceChoice = { slug: string; name: string };

export function WorkspaceSwitcher({
  current,
  all,
}: {
  current: WorkspaceChoice;
  all: readonly WorkspaceChoice[];
}) {
  if (all.length < 2) return <span className="truncate px-2 text-sm text-muted">{current.name}</span>;
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`Workspace: ${current.name}. Switch`}
          className="flex h-8 w-full min-w-0 items-center justify-between gap-2 rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-ink"
        >
          <span className="truncate">{current.name}</span>
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0" />
        </button>
      }
    >
      {all.map((workspace) => (
        <MenuLink key={workspace.slug} href={`/${workspace.slug}`}>
          <span className="min-w-0 flex-1 truncate">{workspace.name}</span>
          {workspace.slug === current.slug && <Check aria-label="current" />}
        </MenuLink>
      ))}
    </Menu>
  );
}
