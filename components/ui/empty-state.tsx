import type { ReactNode } from "react";

type EmptyStateProps = { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode };

/** Nothing here, and one next step. Never used for a query that failed. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center px-4 py-14 text-center [&_svg]:size-6">
      {icon && <span className="mb-3 text-faint">{icon}</span>}
      <h2 className="text-base font-semibold">{title}</h2>
      {children && <div className="mt-1 max-w-md text-sm text-muted">{children}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2 [&_svg]:size-4">{action}</div>}
    </div>
  );
}
