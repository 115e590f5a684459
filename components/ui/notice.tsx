import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/components/ui/class-names";

const TONES = {
  info: { box: "bg-sunken", ink: "text-muted", Icon: Info },
  warning: { box: "bg-warning-soft", ink: "text-warning-ink", Icon: TriangleAlert },
  danger: { box: "bg-danger-soft", ink: "text-danger-ink", Icon: CircleAlert },
} as const;

type NoticeProps = {
  tone?: keyof typeof TONES;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Announce it when it appears: "alert" interrupts, "status" waits. */
  role?: "alert" | "status";
};

export function Notice({ tone = "info", title, children, actions, role }: NoticeProps) {
  const { box, ink, Icon } = TONES[tone];
  return (
    <div role={role} className={cx("flex gap-2.5 rounded-lg px-3 py-2.5 text-sm", box)}>
      <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", ink)} />
      <div className="min-w-0 flex-1">
        {title && <p className={cx("font-medium", ink)}>{title}</p>}
        {children && <div className="break-words text-ink">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
