"use client";

import { useState } from "react";
import { formatDuration, parseDuration } from "@/components/composer/duration-text";
import { Field } from "@/components/ui/field";
import { TextInput } from "@/components/ui/text-input";

type DurationFieldProps = {
  label: string;
  hint: string;
  placeholder: string;
  /** Milliseconds; undefined: not set; NaN: what stands there is no duration, so the form is not valid. */
  value: number | undefined;
  onChange: (ms: number | undefined) => void;
  error: string | undefined;
};

/** A time in words people use, and the milliseconds that will be on the wire beside it. */
export function DurationField({ label, hint, placeholder, value, onChange, error }: DurationFieldProps) {
  const [text, setText] = useState(value === undefined || Number.isNaN(value) ? "" : formatDuration(value));
  const [seen, setSeen] = useState(value);
  // A value from elsewhere (a pasted request, a draft) replaces what was typed.
  if (!Object.is(seen, value)) {
    setSeen(value);
    if (!Object.is(parseDuration(text) ?? undefined, value) && !Number.isNaN(value))
      setText(value === undefined ? "" : formatDuration(value));
  }
  const parsed = parseDuration(text);
  return (
    <Field
      label={label}
      hint={hint}
      aside={typeof parsed === "number" ? `${parsed} ms` : undefined}
      error={parsed === null ? "Write a time with its unit, for example 10 minutes, 90 s or 1h 30m." : error}
    >
      <TextInput
        value={text}
        placeholder={placeholder}
        onChange={(event) => {
          const next = event.currentTarget.value;
          setText(next);
          const ms = parseDuration(next);
          onChange(ms === null ? Number.NaN : ms);
        }}
      />
    </Field>
  );
}
