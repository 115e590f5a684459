"use client";

import { useEffect, useEffectEvent } from "react";

/** Where Ctrl+Enter belongs to what is open in front of the page. */
const IN_FRONT = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

/** Ctrl/Cmd+Enter anywhere on the page, whatever has the focus, also when nothing has. The editor answers it by itself. */
export function useSendKey(send: () => void): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    if (event.defaultPrevented || document.querySelector(IN_FRONT)) return;
    event.preventDefault();
    send();
  });
  useEffect(() => {
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
