"use client";

import { useSyncExternalStore } from "react";

/** One timer for the whole page, running only while somebody looks at a live value and the tab is visible. */
const listeners = new Set<() => void>();
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function arrange(): void {
  const wanted = listeners.size > 0 && document.visibilityState === "visible";
  if (wanted && !timer) {
    timer = setInterval(tick, 1000);
    tick();
  } else if (!wanted && timer) {
    clearInterval(timer);
    timer = undefined;
  }
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) document.addEventListener("visibilitychange", arrange);
  listeners.add(listener);
  arrange();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) document.removeEventListener("visibilitychange", arrange);
    arrange();
  };
}

/** Wall clock in ms, to the second; null on the server and in the first paint, so hydration never disagrees. */
export function useNow(): number | null {
  return useSyncExternalStore<number | null>(
    subscribe,
    () => (now === 0 ? Date.now() - (Date.now() % 1000) : now),
    () => null,
  );
}
