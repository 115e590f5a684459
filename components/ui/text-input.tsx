"use client";

import { Input as BaseInput } from "@base-ui/react/input";
import type { ComponentProps } from "react";
import { cx } from "@/components/ui/class-names";
import { controlClass } from "@/components/ui/field";

type TextInputProps = Omit<ComponentProps<typeof BaseInput>, "className"> & {
  className?: string;
  mono?: boolean;
};

export function TextInput({ className, mono, ...props }: TextInputProps) {
  return (
    <BaseInput
      {...props}
      className={cx(controlClass, "h-8 coarse:h-10", mono && "font-mono text-sm", className)}
    />
  );
}

/**
 * A secret that is typed once and never shown again. Not a password manager's business, and never kept by the browser.
 */
export function SecretInput(props: TextInputProps) {
  return (
    <TextInput
      mono
      type="password"
      autoComplete="off"
      data-1p-ignore
      data-lpignore="true"
      spellCheck={false}
      {...props}
    />
  );
}
