"use client";

import { useNow } from "@/components/ui/clock";
import { relativeWords } from "@/components/ui/time-words";

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** "5 min ago" with the exact instant, in the viewer's zone, on hover. Empty until the browser knows the zone. */
export function RelativeTime({ at }: { at: string | number }) {
  const now = useNow();
  const ms = new Date(at).getTime();
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={now === null ? undefined : absolute.format(ms)} className="whitespace-nowrap">
      {now === null ? " " : relativeWords(ms, now)}
    </time>
  );
}

/** The exact instant in the viewer's zone. */
export function AbsoluteTime({ at }: { at: string | number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()}>{now === null ? " " : absolute.format(new Date(at))}</time>
  );
}
