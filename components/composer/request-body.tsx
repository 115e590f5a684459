"use client";

import { useMemo } from "react";
import { CUT_WORDS, shownText } from "@/components/composer/shown-text";
import { CodeBlock } from "@/components/ui/code-block";
import type { EndpointRow } from "@/lib/endpoints/schema";
import type { RequestSpec } from "@/lib/requests/schema";
import { MASK, maskRequest, wireBody } from "@/lib/requests/wire";

/** As long as the token that is made when the request is sent, so that the size is right. */
const TOKEN_SHAPE = "x".repeat(43);

/** Where Jobdeck receives the provider's call, its own address stands in the body and yours is called by Jobdeck. */
const webhookOf = (spec: RequestSpec, endpoint: EndpointRow | undefined): string | undefined =>
  endpoint?.hookOrigin ? `${endpoint.hookOrigin}/hooks/${TOKEN_SHAPE}` : spec.webhook;

export const bodyBytes = (spec: RequestSpec, endpoint: EndpointRow | undefined): number =>
  new TextEncoder().encode(wireBody(spec, webhookOf(spec, endpoint))).byteLength;

/** The exact body that will be sent, with the secrets covered. */
export function RequestBody({ spec, endpoint }: { spec: RequestSpec; endpoint: EndpointRow | undefined }) {
  const text = useMemo(
    () => wireBody(maskRequest(spec), webhookOf(spec, endpoint)?.replace(TOKEN_SHAPE, MASK)),
    [spec, endpoint],
  );
  const { shown, isCut } = shownText(text);
  return (
    <div className="space-y-2">
      <p className="text-xs break-words text-faint">
        POST <code className="font-mono">/run</code>
        {endpoint && ` on ${endpoint.name}`}. Secrets are covered here and sent as they are.
        {endpoint?.hookOrigin && " The webhook is Jobdeck's own receiver; it calls yours, if you set one."}
      </p>
      <CodeBlock text={shown} copies={text} what="request body, secrets covered" label="Request body" wrap />
      {isCut && <p className="text-xs text-faint">{CUT_WORDS}</p>}
    </div>
  );
}
