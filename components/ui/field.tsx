"use client";

import { Field as BaseField } from "@base-ui/react/field";
import type { ReactNode } from "react";
import { cx } from "@/components/ui/class-names";

type FieldProps = {
  label: ReactNode;
  /** One line under the control; read out with it. */
  hint?: ReactNode;
  error?: string;
  /** Sits at the label's right end: a unit, a link, a counter. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
};

/** Label, control, hint and error, wired for assistive technology by Base UI. The control inside finds its ids itself. */
export function Field({ label, hint, error, aside, className, children }: FieldProps) {
  return (
    <BaseField.Root invalid={Boolean(error)} className={cx("flex min-w-0 flex-col gap-1", className)}>
      <span className="flex items-baseline justify-between gap-2">
        <BaseField.Label className="text-sm font-medium">{label}</BaseField.Label>
        {aside && <span className="text-xs text-faint">{aside}</span>}
      </span>
      {children}
      {hint && <BaseField.Description className="text-xs text-faint">{hint}</BaseField.Description>}
      <BaseField.Error match={Boolean(error)} className="text-xs text-danger-ink">
        {error}
      </BaseField.Error>
    </BaseField.Root>
  );
}

export const controlClass =
  "w-full min-w-0 rounded-md border border-control bg-raised px-2.5 text-base text-ink placeholder:text-faint transition-colors hover:border-muted data-[invalid]:border-danger-ink aria-invalid:border-danger-ink disabled:opacity-60";
