"use client";

import { usePathname, useRouter } from "next/navigation";
import { isCurrent, NAV_ITEMS } from "@/components/shell/nav-items";
import { useShortcut } from "@/components/shell/shortcuts";
import { AppLink } from "@/components/ui/app-link";
import { cx } from "@/components/ui/class-names";
import { Tooltip } from "@/components/ui/tooltip";

type NavItem = (typeof NAV_ITEMS)[number];

/** The left column from 768 px on. */
export function SideNavigation({ slug }: { slug: string }) {
  return (
    <nav aria-label="Workspace" className="flex flex-col gap-px px-2">
      {NAV_ITEMS.map((item) => (
        <SideLink key={item.path} slug={slug} item={item} />
      ))}
    </nav>
  );
}

function SideLink({ slug, item }: { slug: string; item: NavItem }) {
  const current = isCurrent(usePathname(), slug, item.path);
  const router = useRouter();
  const href = `/${slug}${item.path}`;
  useShortcut(`g ${item.key}`, `Go to ${item.label.toLowerCase()}`, () => router.push(href));
  return (
    <Tooltip label={item.label} keys={["g", item.key]}>
      <AppLink
        href={href}
        aria-current={current ? "page" : undefined}
        className={cx(
          "flex h-8 items-center gap-2.5 rounded-md px-2 text-base transition-colors",
          current ? "bg-pressed font-medium text-ink" : "text-muted hover:bg-hover hover:text-ink",
        )}
      >
        <item.icon aria-hidden className="size-4" />
        {item.label}
      </AppLink>
    </Tooltip>
  );
}

/** The bar at the bottom of a phone: thumbs reach it. */
export function BottomNavigation({ slug }: { slug: string }) {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Workspace"
      className="sticky bottom-0 z-30 grid grid-cols-6 border-t bg-canvas pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {NAV_ITEMS.map((item) => {
        const current = isCurrent(pathname, slug, item.path);
        return (
          <AppLink
            key={item.path}
            href={`/${slug}${item.path}`}
            aria-current={current ? "page" : undefined}
            className={cx(
              "flex h-13 flex-col items-center justify-center gap-0.5 text-2xs -outline-offset-2",
              current ? "font-medium text-accent-ink" : "text-muted",
            )}
          >
            <item.icon aria-hidden className="size-5" />
            {item.label}
          </AppLink>
        );
      })}
    </nav>
  );
}
