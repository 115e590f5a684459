"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { cx } from "@/components/ui/class-names";

type CopyButtonProps = {
  text: string | (() => string);
  /** What is copied, for the button's name: "Copy job id". */
  what: string;
  /** Shows the words beside the icon. */
  labelled?: boolean;
  className?: string;
};

export function CopyButton({ text, what, labelled, className }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (outcome === "idle") return;
    const timer = setTimeout(() => setOutcome("idle"), 1600);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setOutcome("copied");
    } catch {
      // Plain HTTP on another host has no clipboard; say so instead of pretending.
      setOutcome("failed");
    }
  };
  const words =
    outcome === "copied" ? "Copied" : outcome === "failed" ? "Select and copy by hand" : `Copy ${what}`;
  return (
    <Button
      look="quiet"
      size={labelled ? "sm" : "icon"}
      onClick={copy}
      title={labelled ? undefined : words}
      aria-label={labelled ? undefined : words}
      className={cx(!labelled && "size-6", className)}
      icon={
        outcome === "copied" ? (
          <Check aria-hidden className="size-3.5 text-success-ink" />
        ) : (
          <Copy aria-hidden className="size-3.5" />
        )
      }
    >
      {labelled ? (
        words
      ) : (
        <span aria-live="polite" className="sr-only">
          {outcome === "idle" ? "" : words}
        </span>
      )}
    </Button>
  );
}
