"use client";

import { ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { cx } from "@/components/ui/class-names";

const PAGE = 100;
const LONG_STRING = 160;
/** Base64 and the like: nobody reads it, so a line's worth is enough. */
const LONG_WORD = 72;

type Entry = [name: string, value: unknown];
const isBranch = (value: unknown): value is object => typeof value === "object" && value !== null;
const sizeWords = (value: object, count: number): string =>
  Array.isArray(value) ? `[${count}]` : `{${count} ${count === 1 ? "key" : "keys"}}`;

/** The first entries only: a list may have a hundred thousand. */
function firstEntries(value: object, keys: readonly string[] | null, most: number): Entry[] {
  if (keys === null)
    return (value as unknown[]).slice(0, most).map((item, index): Entry => [String(index), item]);
  return keys.slice(0, most).map((key): Entry => [key, (value as Record<string, unknown>)[key]]);
}

/** An output as a tree that opens branch by branch, so that size costs only what is looked at. Everything is plain text. */
export function JsonTree({ value, label }: { value: unknown; label: string }) {
  return (
    <section
      aria-label={label}
      className="overflow-x-auto rounded-lg bg-sunken p-3 font-mono text-xs leading-5"
    >
      {isBranch(value) ? <Branch value={value} depth={0} /> : <Leaf value={value} />}
    </section>
  );
}

function Branch({ value, depth }: { value: object; depth: number }) {
  const [shown, setShown] = useState(PAGE);
  const keys = useMemo(() => (Array.isArray(value) ? null : Object.keys(value)), [value]);
  const count = keys === null ? (value as unknown[]).length : keys.length;
  if (count === 0) return <span className="text-faint">{keys === null ? "[]" : "{}"}</span>;
  const left = count - shown;
  return (
    <ul className={cx(depth > 0 && "ml-1.5 border-l pl-3")}>
      {firstEntries(value, keys, shown).map(([name, item]) => (
        <li key={name}>
          {isBranch(item) ? (
            <Node name={name} value={item} depth={depth} />
          ) : (
            <Row name={name} value={item} />
          )}
        </li>
      ))}
      {left > 0 && (
        <li>
          <button
            type="button"
            className="min-h-6 text-accent-ink hover:underline"
            onClick={() => setShown(shown + PAGE)}
          >
            Show {Math.min(PAGE, left)} more of {left.toLocaleString("en")}
          </button>
        </li>
      )}
    </ul>
  );
}

function Node({ name, value, depth }: { name: string; value: object; depth: number }) {
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  const [open, setOpen] = useState(depth < 1 && count <= 20);
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-ml-1 inline-flex min-h-6 items-center gap-0.5 rounded pr-1 text-left hover:bg-hover"
      >
        <ChevronRight
          aria-hidden
          className={cx("size-3 text-faint transition-transform", open && "rotate-90")}
        />
        <span className="text-muted">{name}</span>
        <span className="ml-1.5 text-faint">{sizeWords(value, count)}</span>
      </button>
      {open && <Branch value={value} depth={depth + 1} />}
    </>
  );
}

function Row({ name, value }: { name: string; value: unknown }) {
  return (
    <span className="flex min-h-6 gap-2 pl-2.5">
      <span className="shrink-0 text-muted">{name}</span>
      <Leaf value={value} />
    </span>
  );
}

function Leaf({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string")
    return <span className="text-state-in-progress">{value === undefined ? "nothing" : String(value)}</span>;
  const limit = /\s/.test(value.slice(0, LONG_STRING)) ? LONG_STRING : LONG_WORD;
  const cut = !whole && value.length > limit * 1.2;
  return (
    <span className="min-w-0 break-words whitespace-pre-wrap text-state-completed">
      {cut ? `${value.slice(0, limit)}… ` : value}
      {cut && (
        <button type="button" className="text-accent-ink hover:underline" onClick={() => setWhole(true)}>
          {value.length.toLocaleString("en")} characters: show all
        </button>
      )}
    </span>
  );
}
