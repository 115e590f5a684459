"use client";

import { useDeferredValue, useMemo, useState } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { byteWords } from "@/components/ui/byte-words";
import { cx } from "@/components/ui/class-names";
import { CodeBlock } from "@/components/ui/code-block";
import type { EndpointRow } from "@/lib/endpoints/schema";
import { RUN_BODY_MAX_BYTES } from "@/lib/requests/limits";
import { requestSchema } from "@/lib/requests/schema";
import { MASK, maskRequest, wireBody } from "@/lib/requests/wire";

type Body = { text: string; bytes: number };

/** What of a very large body is still worth putting on the screen. */
const SHOWN_CHARACTERS = 20_000;
/** As long as the token that is made when the request is sent, so that the size is right. */
const TOKEN_SHAPE = "x".repeat(43);

/** The exact body that will be sent, with the secrets covered and its size against the limit. */
export function RequestPreview({ endpoint }: { endpoint: EndpointRow | undefined }) {
  const { control } = useFormContext<ComposeValues>();
  const hookOrigin = endpoint?.hookOrigin;
  const request = useDeferredValue(useWatch({ control, name: "request" }));
  const body = useMemo<Body | null>(() => {
    const parsed = requestSchema.safeParse(request);
    if (!parsed.success) return null;
    // Where Jobdeck receives the provider's call, its own address stands in the body and yours is called by Jobdeck.
    const webhook = hookOrigin ? `${hookOrigin}/hooks/${TOKEN_SHAPE}` : parsed.data.webhook;
    const bytes = new TextEncoder().encode(wireBody(parsed.data, webhook)).byteLength;
    return { text: wireBody(maskRequest(parsed.data), webhook?.replace(TOKEN_SHAPE, MASK)), bytes };
  }, [request, hookOrigin]);
  const [last, setLast] = useState<Body | null>(body);
  if (body && body !== last) setLast(body);

  const shown = body ?? last;
  const ratio = shown ? shown.bytes / RUN_BODY_MAX_BYTES : 0;
  return (
    <section aria-labelledby="will-be-sent" className="min-w-0">
      <div className="mb-1 flex items-baseline justify-between gap-3">
        <h2 id="will-be-sent" className="text-sm font-medium">
          What will be sent
        </h2>
        {shown && (
          <span className={cx("text-xs", ratio > 0.9 ? "text-danger-ink" : "text-faint")}>
            {byteWords(shown.bytes)} of {byteWords(RUN_BODY_MAX_BYTES)}
          </span>
        )}
      </div>
      <p className="mb-2 text-xs break-words text-faint">
        POST <code className="font-mono">/run</code>
        {endpoint && ` on ${endpoint.name}`}. Secrets are covered here and sent as they are.
        {hookOrigin && " The webhook is Jobdeck's own receiver; it calls yours, if you set one."}
      </p>
      {shown ? (
        <CodeBlock
          text={
            shown.text.length > SHOWN_CHARACTERS ? `${shown.text.slice(0, SHOWN_CHARACTERS)}…` : shown.text
          }
          what="request body, secrets covered"
          label="Request body"
          wrap
          className={cx(!body && "opacity-60")}
        />
      ) : (
        <p className="rounded-lg bg-sunken p-3 text-sm text-muted">
          The body appears when the request is valid.
        </p>
      )}
      {shown && !body && (
        <p role="status" className="mt-1 text-xs text-warning-ink">
          This is the last valid version; what you are writing is not valid yet.
        </p>
      )}
    </section>
  );
}
