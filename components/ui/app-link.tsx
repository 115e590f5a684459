import Link from "next/link";
import type { ComponentProps } from "react";

/**
 * A link inside Jobdeck. Nothing is fetched before it is followed: every page is rendered from the database, and a list
 * of fifty links would otherwise ask for fifty pages that nobody opens.
 */
export function AppLink(props: ComponentProps<typeof Link>) {
  return <Link prefetch={false} {...props} />;
}
