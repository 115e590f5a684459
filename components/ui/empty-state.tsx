import type { ReactNode } from "react";

type EmptyStateProps = {
  icon?: ReactNode;
  title: string /** The page is nothing but this: then its title is the page's heading. */;
  isPage?: boolean;
  children?: ReactNode;
  action?: ReactNode;
};

/** Nothing here, and one next step. Never used for a query that failed. */
export function EmptyState({ icon, title, isPage, children, action }: EmptyStateProps) {
  const Heading = isPage ? "h1" : "h2";
  return (
    <div className="flex flex-col items-center px-4 py-14 text-center [&_svg]:size-6">
      {icon && <span className="mb-3 text-faint">{icon}</span>}
      <Heading className="text-base font-semibold">{title}</Heading>
      {children && <div className="mt-1 max-w-md text-sm text-muted">{children}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2 [&_svg]:size-4">{action}</div>}
    </div>
  );
}
