import { Layers, LayoutDashboard, ListTree, Server, SquarePen, Users } from "lucide-react";

/** The rooms of a workspace, in the order of the navigation. `key` follows `g` on the keyboard. */
export const NAV_ITEMS = [
  { label: "Overview", path: "", key: "o", icon: LayoutDashboard },
  { label: "Compose", path: "/compose", key: "c", icon: SquarePen },
  { label: "Jobs", path: "/jobs", key: "j", icon: ListTree },
  { label: "Batches", path: "/batches", key: "b", icon: Layers },
  { label: "Endpoints", path: "/endpoints", key: "e", icon: Server },
  { label: "Members", path: "/settings/members", key: "m", icon: Users },
] as const;

export const isCurrent = (pathname: string, slug: string, path: string): boolean =>
  path === "" ? pathname === `/${slug}` : pathname.startsWith(`/${slug}${path}`);
