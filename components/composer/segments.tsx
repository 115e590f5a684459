"use client";

import { useId } from "react";

type SegmentsProps<V extends string> = {
  label: string;
  value: V;
  onChange: (value: V) => void;
  options: readonly { value: V; label: string }[];
};

/** One of two or three, side by side. Real radio buttons: the arrow keys choose. */
export function Segments<V extends string>({ label, value, onChange, options }: SegmentsProps<V>) {
  const name = useId();
  return (
    <fieldset className="inline-flex rounded-md border border-control/60 p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex h-6 items-center rounded px-2 text-xs font-medium text-muted hover:text-ink has-checked:bg-pressed has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent-ink coarse:h-10"
        >
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="absolute inset-0 appearance-none outline-none"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
