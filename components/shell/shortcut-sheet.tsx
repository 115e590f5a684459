"use client";

import { useEffect, useState } from "react";
import {
  listenForShortcuts,
  setShortcutsEnabled,
  useShortcut,
  useShortcuts,
  useShortcutsEnabled,
} from "@/components/shell/shortcuts";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { Switch } from "@/components/ui/switch";

/** The `?` sheet: what the keyboard can do on this page, and the switch for people whom single keys disturb. */
export function ShortcutSheet() {
  const [open, setOpen] = useState(false);
  const shortcuts = useShortcuts();
  const enabled = useShortcutsEnabled();
  useEffect(listenForShortcuts, []);
  useShortcut("?", "Show this sheet", () => setOpen(true));
  return (
    <Dialog open={open} onOpenChange={setOpen} title="Keyboard shortcuts">
      <Switch
        label="Single-key shortcuts"
        hint="Off if you use speech input, or press keys by accident."
        checked={enabled}
        onChange={setShortcutsEnabled}
      />
      <ul className="mt-4 divide-y border-t text-sm">
        {shortcuts.map(({ keys, words }) => (
          <li key={keys.join(" ") + words} className="flex items-center justify-between gap-4 py-1.5">
            {words}
            <span className="flex gap-1">
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </span>
          </li>
        ))}
        <li className="flex items-center justify-between gap-4 py-1.5">
          Send, in the composer
          <span className="flex gap-1">
            <Kbd>Ctrl/⌘</Kbd>
            <Kbd>Enter</Kbd>
          </span>
        </li>
        <li className="flex items-center justify-between gap-4 py-1.5">
          Leave the JSON editor
          <span className="flex gap-1">
            <Kbd>Esc</Kbd>
            <Kbd>Tab</Kbd>
          </span>
        </li>
      </ul>
    </Dialog>
  );
}
