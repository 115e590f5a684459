"use client";

import { Switch as BaseSwitch } from "@base-ui/react/switch";
import type { ReactNode } from "react";

type SwitchProps = {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
};

export function Switch({ checked, onChange, label, hint, disabled }: SwitchProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the label wraps Base UI's switch, which renders the real input inside.
    <label className="flex items-start gap-2.5 py-0.5">
      <BaseSwitch.Root
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        className="relative mt-0.5 h-4 w-7 shrink-0 rounded-full bg-control transition-colors before:absolute before:-inset-2 data-[checked]:bg-accent data-[disabled]:opacity-50"
      >
        <BaseSwitch.Thumb className="block size-3 translate-x-0.5 rounded-full bg-white transition-transform data-[checked]:translate-x-3.5" />
      </BaseSwitch.Root>
      <span className="min-w-0">
        <span className="block text-sm font-medium">{label}</span>
        {hint && <span className="block text-xs text-faint">{hint}</span>}
      </span>
    </label>
  );
}
