"use client";

import { useEffect, useEffectEvent } from "react";

/** What is open in front of the page has the focus, and Ctrl+Enter with it. */
const IN_FRONT = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

/** Ctrl/Cmd+Enter anywhere on the page, whatever has the focus, also when nothing has. The editor answers it by itself. */
export function useSendKey(send: () => void): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    if (event.defaultPrevented || (event.target instanceof Element && event.target.closest(IN_FRONT))) return;
    event.preventDefault();
    send();
  });
  useEffect(() => {
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
