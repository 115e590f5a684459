import type { ReactNode } from "react";
import { cx } from "@/components/ui/class-names";

const TONES = {
  neutral: "bg-hover text-muted",
  accent: "bg-accent-soft text-accent-ink",
  warning: "bg-warning-soft text-warning-ink",
  danger: "bg-danger-soft text-danger-ink",
  success: "bg-success-soft text-success-ink",
} as const;

export function Badge({ tone = "neutral", children }: { tone?: keyof typeof TONES; children: ReactNode }) {
  return (
    <span className={cx("inline-flex h-5 items-center rounded px-1.5 text-xs font-medium", TONES[tone])}>
      {children}
    </span>
  );
}
