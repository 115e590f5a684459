"use client";

import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

type FoldedSectionProps = {
  title: string;
  /** What is set inside, in a few words, while it is closed. */
  digest?: string;
  startsOpen?: boolean;
  onToggle?: (isOpen: boolean) => void;
  children: ReactNode;
};

/** A part of the form that few need at once. */
export function FoldedSection({ title, digest, startsOpen, onToggle, children }: FoldedSectionProps) {
  return (
    <details
      className="group border-t pt-3"
      open={startsOpen || undefined}
      onToggle={(event) => onToggle?.(event.currentTarget.open)}
    >
      <summary className="flex min-h-6 list-none items-center gap-1 rounded text-sm font-medium [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="size-4 shrink-0 text-faint transition-transform group-open:rotate-90"
        />
        {title}
        {digest && (
          <span className="min-w-0 truncate pl-1 text-xs font-normal text-muted group-open:hidden">
            {digest}
          </span>
        )}
      </summary>
      <div className="pt-3">{children}</div>
    </details>
  );
}
