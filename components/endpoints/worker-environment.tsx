"use client";

import { Eye, KeyRound } from "lucide-react";
import { useState } from "react";
import { useMay, usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { CopyButton } from "@/components/ui/copy-button";
import { toast } from "@/components/ui/toast";
import { rotateWorkerKeyAction, showWorkerEnvironmentAction } from "@/lib/local-endpoint/actions";

type Variables = Record<string, string>;

/** In single quotes: the values hold `$ID`, which a shell would otherwise replace with nothing. */
const asShell = (variables: Variables): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
    .join("\n");

type WorkerEnvironmentProps = { id: string /** With the key covered. */; variables: Variables };

/** What a worker process needs to attach to a local endpoint. The key comes only when it is asked for. */
export function WorkerEnvironment({ id, variables }: WorkerEnvironmentProps) {
  const { slug } = usePlace();
  const mayHoldKeys = useMay("credentials:edit");
  const [plain, setPlain] = useState<Variables | null>(null);
  const [busy, setBusy] = useState(false);
  const [rotating, setRotating] = useState(false);

  const show = async (): Promise<boolean> => {
    setBusy(true);
    const result = await showWorkerEnvironmentAction(slug, { id });
    setBusy(false);
    if (result.ok) setPlain(result.value.variables);
    else toast.failed({ title: "The key cannot be shown", description: result.error.message });
    return result.ok;
  };
  const rotate = async () => {
    const result = await rotateWorkerKeyAction(slug, { id });
    if (result.ok) return show();
    toast.failed({ title: "The key was not changed", description: result.error.message });
    return false;
  };
  const shown = plain ?? variables;
  return (
    <div className="space-y-3">
      <p className="max-w-prose text-sm text-muted">
        Any process that speaks the worker protocol can take jobs from this endpoint, an unmodified
        runpod-python worker included. Set these variables, then start it.
      </p>
      <ul aria-label="Environment variables" className="divide-y rounded-lg bg-sunken px-3 font-mono text-xs">
        {Object.entries(shown).map(([name, value]) => (
          <li key={name} className="flex items-center gap-2 py-0.5">
            <span className="min-w-0 flex-1 md:flex md:gap-3">
              <span className="block shrink-0 text-muted md:w-64">{name}</span>
              <span className="block min-w-0 break-all">{value}</span>
            </span>
            <CopyButton text={value} what={name} />
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        {mayHoldKeys && !plain && (
          <Button
            size="sm"
            busy={busy}
            onClick={() => void show()}
            icon={<Eye aria-hidden className="size-3.5" />}
          >
            Show the worker key
          </Button>
        )}
        {plain && <CopyButton text={() => asShell(plain)} what="all as shell commands" labelled />}
        {mayHoldKeys && (
          <Button
            size="sm"
            onClick={() => setRotating(true)}
            icon={<KeyRound aria-hidden className="size-3.5" />}
          >
            Replace the worker key…
          </Button>
        )}
      </div>
      <ConfirmDialog
        open={rotating}
        onOpenChange={setRotating}
        title="Replace the worker key?"
        confirmLabel="Replace"
        danger
        onConfirm={rotate}
      >
        <p>
          Workers that attached with the present key are refused from then on; jobs they hold go back to the
          queue. Start them again with the new key.
        </p>
      </ConfirmDialog>
    </div>
  );
}
