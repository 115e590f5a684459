"use client";

import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { cx } from "@/components/ui/class-names";

type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  wide?: boolean;
};

export const backdropClass =
  "fixed inset-0 z-40 bg-black/40 transition-opacity duration-100 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0";
export const dialogClass =
  "popup fixed z-50 max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] overflow-y-auto rounded-xl border bg-raised p-5 shadow-raised outline-none top-1/2 left-1/2 -translate-1/2";

export function Dialog({ open, onOpenChange, title, description, children, wide }: DialogProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropClass} />
        <BaseDialog.Popup className={cx(dialogClass, wide ? "max-w-2xl" : "max-w-md")}>
          <div className="mb-4 pr-8">
            <BaseDialog.Title className="text-lg font-semibold">{title}</BaseDialog.Title>
            {description && (
              <BaseDialog.Description className="mt-1 text-sm text-muted">
                {description}
              </BaseDialog.Description>
            )}
          </div>
          {children}
          {/* Last in the order of focus, so that a dialog opens on its first field. */}
          <BaseDialog.Close
            render={
              <Button look="quiet" size="icon" aria-label="Close" className="absolute top-3.5 right-3.5" />
            }
          >
            <X aria-hidden className="size-4" />
          </BaseDialog.Close>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}
