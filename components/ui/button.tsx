"use client";

import { Button as BaseButton } from "@base-ui/react/button";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { AppLink } from "@/components/ui/app-link";
import { cx } from "@/components/ui/class-names";

type Look = "primary" | "plain" | "quiet" | "danger";
type Size = "sm" | "md" | "icon";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-white hover:bg-accent-hover",
  plain: "border border-control/60 bg-raised text-ink hover:bg-hover active:bg-pressed",
  quiet: "text-muted hover:bg-hover hover:text-ink active:bg-pressed",
  danger: "bg-danger text-white hover:bg-danger-hover",
};
const SIZES: Record<Size, string> = {
  sm: "h-7 px-2 text-sm coarse:h-10",
  md: "h-8 px-3 text-base coarse:h-10",
  icon: "size-7 justify-center text-sm coarse:size-10",
};

export const buttonClass = (look: Look = "plain", size: Size = "md", className?: string): string =>
  cx(
    "inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors",
    "disabled:pointer-events-none disabled:opacity-50 data-[disabled]:pointer-events-none data-[disabled]:opacity-50",
    LOOKS[look],
    SIZES[size],
    className,
  );

type ButtonProps = Omit<ComponentProps<typeof BaseButton>, "className"> & {
  look?: Look;
  size?: Size;
  className?: string;
  /** While true the button cannot be pressed again, keeps its width's words and says that it is busy. */
  busy?: boolean;
  icon?: ReactNode;
};

export function Button({ look, size, className, busy, icon, children, disabled, ...props }: ButtonProps) {
  return (
    <BaseButton
      type="button"
      {...props}
      disabled={disabled || busy}
      focusableWhenDisabled={busy}
      aria-busy={busy || undefined}
      className={buttonClass(look, size, className)}
    >
      {busy ? <LoaderCircle aria-hidden className="size-4 animate-spin" /> : icon}
      {children}
    </BaseButton>
  );
}

type ButtonLinkProps = Omit<ComponentProps<typeof AppLink>, "className"> & {
  look?: Look;
  size?: Size;
  className?: string;
  icon?: ReactNode;
};

export function ButtonLink({ look, size, className, icon, children, ...props }: ButtonLinkProps) {
  return (
    <AppLink {...props} className={buttonClass(look, size, className)}>
      {icon}
      {children}
    </AppLink>
  );
}
