"use client";

import { useMemo } from "react";
import { CUT_WORDS, shownText } from "@/components/composer/shown-text";
import { CodeBlock } from "@/components/ui/code-block";
import type { EndpointRow } from "@/lib/endpoints/schema";
import type { RequestSpec } from "@/lib/requests/schema";
import { type SnippetForm, snippetNotes, writeSnippet } from "@/lib/requests/snippets";
import { snippetTarget } from "@/lib/requests/snippets-target";

type SnippetViewProps = { form: SnippetForm; words: string; spec: RequestSpec; endpoint: EndpointRow };

const LOCAL_NOTE =
  "The key of an endpoint that Jobdeck serves itself is never shown, so this program shows the call but cannot be run with it from outside.";

/** The request as a program. The key is an environment variable in it, never a value. */
export default function SnippetView({ form, words, spec, endpoint }: SnippetViewProps) {
  const { text, notes } = useMemo(
    () => ({
      text: writeSnippet(form, spec, snippetTarget(endpoint, window.location.origin)),
      notes: [...snippetNotes(form, spec), ...(endpoint.kind === "local" ? [LOCAL_NOTE] : [])],
    }),
    [form, spec, endpoint],
  );
  const { shown, isCut } = shownText(text);
  return (
    <div className="space-y-2">
      <CodeBlock text={shown} copies={text} what={words} label={`The request as ${words}`} />
      {isCut && <p className="text-xs text-faint">{CUT_WORDS}</p>}
      <ul className="space-y-1 text-xs text-faint">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}
