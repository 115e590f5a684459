"use client";

import { Select as BaseSelect } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/components/ui/class-names";
import { controlClass } from "@/components/ui/field";

export type SelectOption<V extends string> = {
  value: V;
  label: ReactNode;
  note?: ReactNode;
  disabled?: boolean;
};

type SelectProps<V extends string> = {
  options: readonly SelectOption<V>[];
  value: V | null;
  onChange: (value: V) => void;
  /** Only where no Field labels it. */
  label?: string;
  placeholder?: string;
  disabled?: boolean;
  name?: string;
  className?: string;
};

export function Select<V extends string>({
  options,
  value,
  onChange,
  label,
  placeholder = "Choose…",
  disabled,
  name,
  className,
}: SelectProps<V>) {
  const shown = options.find((option) => option.value === value);
  return (
    <BaseSelect.Root
      name={name}
      value={value}
      disabled={disabled}
      onValueChange={(next) => {
        if (next !== null) onChange(next);
      }}
    >
      <BaseSelect.Trigger
        aria-label={label}
        className={cx(
          controlClass,
          "flex h-8 items-center justify-between gap-2 text-left coarse:h-10",
          className,
        )}
      >
        <BaseSelect.Value className="min-w-0 truncate">
          {() => shown?.label ?? <span className="text-faint">{placeholder}</span>}
        </BaseSelect.Value>
        <BaseSelect.Icon className="text-faint">
          <ChevronsUpDown aria-hidden className="size-3.5" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <BaseSelect.Popup className="popup max-h-[min(24rem,var(--available-height))] min-w-(--anchor-width) overflow-y-auto rounded-lg border bg-raised p-1 shadow-raised">
            {options.map((option) => (
              <BaseSelect.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled}
                className="grid cursor-default grid-cols-[1rem_1fr] items-center gap-2 rounded-md py-1 pr-3 pl-1.5 text-base outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover coarse:py-2.5"
              >
                <BaseSelect.ItemIndicator className="col-start-1">
                  <Check aria-hidden className="size-3.5" />
                </BaseSelect.ItemIndicator>
                <span className="col-start-2 min-w-0">
                  <BaseSelect.ItemText className="block truncate">{option.label}</BaseSelect.ItemText>
                  {option.note && <span className="block truncate text-xs text-faint">{option.note}</span>}
                </span>
              </BaseSelect.Item>
            ))}
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
