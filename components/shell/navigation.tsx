"use client";

import { usePathname, useRouter } from "next/navigation";
import { isCurrent, NAV_ITEMS } from "@/components/shell/nav-items";
import { useShortcut } from "@/components/shell/shortcuts";
import { AppLink } from "@/components/ui/app-link";
import { cx } from "@/components/ui/class-names";
import { Tooltip } from "@/components/ui/tooltip";

type NavItem = (typeof NAV_ITEMS)[number];
type SideNavigationProps = { slug: string /** Called when a link is followed. */; onFollow?: () => void };

/** The rooms of the workspace: the left column from 768 px on, the drawer below. */
export function SideNavigation({ slug, onFollow }: SideNavigationProps) {
  const pathname = usePathname();
  return (
    <nav aria-label="Workspace" className="flex flex-col gap-px px-2">
      {NAV_ITEMS.map((item) => {
        const current = isCurrent(pathname, slug, item.path);
        return (
          <Tooltip key={item.path} label={item.label} keys={["g", item.key]}>
            <AppLink
              href={`/${slug}${item.path}`}
              onClick={onFollow}
              aria-current={current ? "page" : undefined}
              className={cx(
                "flex h-8 items-center gap-2.5 rounded-md px-2 text-base transition-colors coarse:h-11",
                current ? "bg-pressed font-medium text-ink" : "text-muted hover:bg-hover hover:text-ink",
              )}
            >
              <item.icon aria-hidden className="size-4" />
              {item.label}
            </AppLink>
          </Tooltip>
        );
      })}
    </nav>
  );
}

/** The `g …` keys, once per page however often the navigation is shown. */
export function NavigationShortcuts({ slug }: { slug: string }) {
  return NAV_ITEMS.map((item) => <GoTo key={item.path} slug={slug} item={item} />);
}

function GoTo({ slug, item }: { slug: string; item: NavItem }) {
  const router = useRouter();
  useShortcut(`g ${item.key}`, `Go to ${item.label.toLowerCase()}`, () =>
    router.push(`/${slug}${item.path}`),
  );
  return null;
}
