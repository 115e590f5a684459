"use client";

import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

const manager = Toast.createToastManager();

type Note = { title: string; description?: ReactNode; action?: { label: string; run: () => void } };

/** A short word about something that happened away from the pointer. Errors stay until they are closed. */
export const toast = {
  done: (note: Note): void => show(note, "done"),
  failed: (note: Note): void => show(note, "failed"),
};

function show({ title, description, action }: Note, type: "done" | "failed"): void {
  manager.add({
    title,
    description,
    type,
    timeout: type === "failed" ? 0 : 4000,
    priority: type === "failed" ? "high" : "low",
    actionProps: action && { children: action.label, onClick: action.run },
  });
}

export function Toaster() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-60 flex w-[calc(100vw-2rem)] max-w-90 flex-col gap-2 outline-none">
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Toasts() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((item) => (
    <Toast.Root
      key={item.id}
      toast={item}
      className="rounded-lg border bg-raised shadow-raised transition-opacity data-[ending-style]:opacity-0 data-[limited]:hidden data-[starting-style]:opacity-0"
    >
      <Toast.Content className="flex items-start gap-2 p-3">
        <div className="min-w-0 flex-1">
          <Toast.Title
            className={item.type === "failed" ? "text-sm font-medium text-danger-ink" : "text-sm font-medium"}
          />
          <Toast.Description className="mt-0.5 text-sm break-words text-muted" />
        </div>
        {item.actionProps && <Toast.Action render={<Button size="sm" />} />}
        <Toast.Close
          render={<Button look="quiet" size="icon" aria-label="Close this message" className="size-6" />}
        >
          <X aria-hidden className="size-3.5" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
