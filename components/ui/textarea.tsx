"use client";

import { Field as BaseField } from "@base-ui/react/field";
import type { ComponentProps } from "react";
import { cx } from "@/components/ui/class-names";
import { controlClass } from "@/components/ui/field";

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return (
    <BaseField.Control
      render={<textarea rows={4} {...props} className={cx(controlClass, "resize-y py-1.5", className)} />}
    />
  );
}
