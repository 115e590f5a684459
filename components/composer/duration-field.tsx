"use client";

import { useState } from "react";
import { formatDuration, parseDuration } from "@/components/composer/duration-text";
import { Button } from "@/components/ui/button";
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
  bounds: { min: number; max: number };
  /** Milliseconds of times that many people choose. */
  presets: readonly number[];
};

function fault(
  parsed: number | null | undefined,
  { min, max }: { min: number; max: number },
): string | undefined {
  if (parsed === null) return "Write a time with its unit, for example 10 minutes, 90 s or 1h 30m.";
  if (parsed === undefined || (parsed >= min && parsed <= max)) return undefined;
  return parsed < min
    ? `It must be at least ${formatDuration(min)}.`
    : `It may be at most ${formatDuration(max)}.`;
}

/** A time in words people use, and the milliseconds that will be on the wire beside it. */
export function DurationField(props: DurationFieldProps) {
  const { label, hint, placeholder, value, onChange, error, bounds, presets } = props;
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
    <div className="flex min-w-0 flex-col gap-1">
      <Field
        label={label}
        hint={hint}
        aside={typeof parsed === "number" ? `${parsed} ms` : undefined}
        error={error ?? fault(parsed, bounds)}
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
      <fieldset className="-ml-2 flex flex-wrap">
        <legend className="sr-only">{label}, common times</legend>
        {presets.map((ms) => (
          <Button key={ms} look="quiet" size="sm" aria-pressed={ms === value} onClick={() => onChange(ms)}>
            {formatDuration(ms)}
          </Button>
        ))}
        {value !== undefined && (
          <Button look="quiet" size="sm" onClick={() => onChange(undefined)}>
            Clear
          </Button>
        )}
      </fieldset>
    </div>
  );
}
