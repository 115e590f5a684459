"use client";

import { RotateCw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

type ErrorStateProps = { title: string; message: string; onRetry?: () => void; busy?: boolean };

/** A read that failed: what happened and a way to try again. */
export function ErrorState({ title, message, onRetry, busy }: ErrorStateProps) {
  return (
    <Notice
      tone="danger"
      role="alert"
      title={title}
      actions={
        onRetry && (
          <Button
            size="sm"
            busy={busy}
            onClick={onRetry}
            icon={<RotateCw aria-hidden className="size-3.5" />}
          >
            Try again
          </Button>
        )
      }
    >
      {message}
    </Notice>
  );
}
