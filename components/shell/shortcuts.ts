"use client";

import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

type Shortcut = { keys: readonly string[]; words: string; run: () => void };

/** What the page in front offers at this moment; the sheet lists exactly this. Later entries win over earlier ones. */
let registered: readonly Shortcut[] = [];
const listeners = new Set<() => void>();
const SWITCH = "jobdeck-shortcuts";

function change(next: readonly Shortcut[]): void {
  registered = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
const NONE: readonly Shortcut[] = [];

export const useShortcuts = (): readonly Shortcut[] =>
  useSyncExternalStore(
    subscribe,
    () => registered,
    () => NONE,
  );

/** Single keys can be switched off (WCAG 2.1.4): speech input would otherwise press them by talking. */
export const useShortcutsEnabled = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => localStorage.getItem(SWITCH) !== "off",
    () => true,
  );

export function setShortcutsEnabled(on: boolean): void {
  localStorage.setItem(SWITCH, on ? "on" : "off");
  change([...registered]);
}

/** Offer a shortcut (one key, or a sequence such as g j) while the component is mounted. `null` run: not now. */
export function useShortcut(keys: string, words: string, run: (() => void) | null): void {
  const call = useEffectEvent(() => run?.());
  const offered = run !== null;
  useEffect(() => {
    if (!offered) return;
    const entry: Shortcut = { keys: keys.split(" "), words, run: call };
    change([...registered, entry]);
    return () => change(registered.filter((one) => one !== entry));
  }, [keys, words, offered]);
}

const SEQUENCE_MS = 1000;
const TYPING =
  "input, textarea, select, [contenteditable], [role=menu], [role=listbox], [role=dialog], [role=alertdialog]";

/** Listens once for the whole page. Returns the way to stop. */
export function listenForShortcuts(): () => void {
  let pending: { key: string; at: number } | null = null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target instanceof Element && event.target.closest(TYPING)) return;
    if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
    if (localStorage.getItem(SWITCH) === "off" && event.key !== "?") return;
    const first = pending && event.timeStamp - pending.at < SEQUENCE_MS ? pending.key : null;
    pending = null;
    const wanted = first ? [first, event.key] : [event.key];
    const hit = registered.findLast(
      ({ keys }) => keys.length === wanted.length && keys.every((key, i) => key === wanted[i]),
    );
    if (hit) {
      event.preventDefault();
      hit.run();
    } else if (registered.some(({ keys }) => keys.length > 1 && keys[0] === event.key)) {
      pending = { key: event.key, at: event.timeStamp };
    }
  };
  window.addEventListener("keydown", onKeyDown);
  return () => window.removeEventListener("keydown", onKeyDown);
}
