"use client";

import dynamic from "next/dynamic";
import { leftOut } from "@/components/composer/import-request";
import type { useImport } from "@/components/composer/use-import";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { EndpointRow } from "@/lib/endpoints/schema";

/** Reading a paste takes a shell, two programming languages and some JSON: fetched when somebody pastes. */
const ImportDialog = dynamic(() => import("@/components/composer/import-dialog"), { ssr: false });

type ImportPartsProps = { importing: ReturnType<typeof useImport>; endpoints: readonly EndpointRow[] };

/** The dialog while it asks, and afterwards what happened, with the way back. */
export function ImportParts({ importing, endpoints }: ImportPartsProps) {
  const { asking, done } = importing;
  const left = done ? leftOut(done.filled.request) : [];
  return (
    <>
      {asking && (
        <ImportDialog
          text={asking.text}
          endpoints={endpoints}
          onClose={importing.close}
          onFill={importing.fill}
          onInsert={
            asking.insert &&
            (() => {
              asking.insert?.();
              importing.close();
            })
          }
        />
      )}
      {done && (
        <Notice
          role="status"
          title={`Filled from ${done.filled.source}`}
          actions={
            <>
              <Button size="sm" onClick={importing.undo}>
                Undo
              </Button>
              <Button size="sm" look="quiet" onClick={importing.dismiss}>
                Keep it
              </Button>
            </>
          }
        >
          {left.length > 0 ? left.join(" ") : "Nothing was left out."}
        </Notice>
      )}
    </>
  );
}
