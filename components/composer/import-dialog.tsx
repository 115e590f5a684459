"use client";

import { useDeferredValue, useMemo, useState } from "react";
import { ImportFindings } from "@/components/composer/import-findings";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Textarea } from "@/components/ui/textarea";
import type { EndpointRow } from "@/lib/endpoints/schema";
import { readPasted } from "@/lib/requests/imports";
import type { PastedRequest } from "@/lib/requests/imports-pasted";

export type Filled = { source: string; request: PastedRequest };

type ImportDialogProps = {
  /** What was pasted into the editor already; null: the dialog asks for it. */
  text: string | null;
  endpoints: readonly EndpointRow[];
  onFill: (filled: Filled) => void;
  /** Put the paste where the cursor was, as it is. Only when it came from the editor. */
  onInsert: (() => void) | null;
  onClose: () => void;
};

const PLAIN =
  "No request was found in this. What is read: a curl command, a call in Python or JavaScript, an HTTP archive, a whole request body, a file of tests.";

/** Says what is in a paste before anything changes. It is read here in the browser; nothing of it is run or sent. */
export default function ImportDialog({ text, endpoints, onFill, onInsert, onClose }: ImportDialogProps) {
  const [typed, setTyped] = useState("");
  const [index, setIndex] = useState(0);
  const source = useDeferredValue(text ?? typed);
  const pasted = useMemo(() => (source.trim() === "" ? null : readPasted(source)), [source]);
  const found = pasted?.kind === "requests" ? pasted : null;
  const chosen = found?.requests[index] ?? found?.requests[0];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      wide
      title={text === null ? "Import a request" : "A request was pasted"}
      description="It is read in this browser and not run. API keys in it are neither kept nor sent: Jobdeck sends with the endpoint's own key."
    >
      <div className="space-y-4">
        {text === null && (
          <Field
            label="Paste it here"
            hint="A curl command, a call in Python or JavaScript, an HTTP archive, a whole request body, or a file of tests."
          >
            <Textarea
              rows={7}
              spellCheck={false}
              autoComplete="off"
              className="font-mono text-xs"
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                setIndex(0);
              }}
            />
          </Field>
        )}
        <div role="status" className="space-y-3 empty:hidden">
          {pasted?.kind === "refused" && (
            <Notice tone="warning" title="This cannot be imported">
              {pasted.message}
            </Notice>
          )}
          {pasted?.kind === "text" && <Notice>{PLAIN}</Notice>}
          {found && chosen && (
            <ImportFindings pasted={found} chosen={chosen} onChoose={setIndex} endpoints={endpoints} />
          )}
        </div>
      </div>
      {/* Reversed: the first button in the order of focus must not be the one that keeps a key in the text. */}
      <div className="mt-5 flex flex-row-reverse flex-wrap gap-2">
        <Button
          look="primary"
          disabled={!found || !chosen}
          onClick={() => found && chosen && onFill({ source: found.source, request: chosen })}
        >
          Fill the composer
        </Button>
        <Button onClick={onClose}>Cancel</Button>
        {onInsert && (
          <Button look="quiet" onClick={onInsert}>
            Insert all of its text
          </Button>
        )}
      </div>
    </Dialog>
  );
}
