"use client";

import { ArrowUp } from "lucide-react";
import { Button } from "@/components/ui/button";

/** New jobs wait here, so that no row moves under the pointer. Floats over the list without taking its place. */
export function NewJobs({ waiting, onShow }: { waiting: number; onShow: () => void }) {
  return (
    <div role="status" className="sticky top-14 z-20 flex h-0 justify-center md:top-2">
      {waiting > 0 && (
        <Button
          look="primary"
          size="sm"
          className="rounded-full shadow-raised"
          onClick={onShow}
          icon={<ArrowUp aria-hidden className="size-3.5" />}
        >
          {waiting} new
        </Button>
      )}
    </div>
  );
}
