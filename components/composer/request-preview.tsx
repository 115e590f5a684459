"use client";

import { useDeferredValue, useMemo, useState } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import type { ComposeValues } from "@/components/composer/compose-values";
import { bodyBytes, RequestBody } from "@/components/composer/request-body";
import { type Language, RequestCode } from "@/components/composer/request-code";
import { byteWords } from "@/components/ui/byte-words";
import { cx } from "@/components/ui/class-names";
import { type TabSpec, Tabs } from "@/components/ui/tabs";
import type { EndpointRow } from "@/lib/endpoints/schema";
import { RUN_BODY_MAX_BYTES } from "@/lib/requests/limits";
import { type RequestSpec, requestSchema } from "@/lib/requests/schema";

const LANGUAGES: readonly { value: Language; label: string }[] = [
  { value: "curl", label: "curl" },
  { value: "python", label: "Python" },
  { value: "javascript", label: "JavaScript" },
  { value: "go", label: "Go" },
];

/** What will be sent: the exact body with its size against the limit, and the same request as a program. */
export default function RequestPreview({ endpoint }: { endpoint: EndpointRow | undefined }) {
  const { control } = useFormContext<ComposeValues>();
  const request = useDeferredValue(useWatch({ control, name: "request" }));
  const [tab, setTab] = useState<"body" | Language>("body");
  const spec = useMemo<RequestSpec | null>(() => requestSchema.safeParse(request).data ?? null, [request]);
  const [last, setLast] = useState(spec);
  if (spec && spec !== last) setLast(spec);
  const shown = spec ?? last;
  const bytes = useMemo(() => (shown ? bodyBytes(shown, endpoint) : 0), [shown, endpoint]);

  const tabs = (of: RequestSpec): TabSpec<"body" | Language>[] => [
    { value: "body", label: "Body", content: <RequestBody spec={of} endpoint={endpoint} /> },
    ...LANGUAGES.map(({ value, label }) => ({
      value,
      label,
      content: <RequestCode key={value} language={value} spec={of} endpoint={endpoint} />,
    })),
  ];
  return (
    <section aria-labelledby="will-be-sent" className="min-w-0">
      <div className="mb-1 flex items-baseline justify-between gap-3">
        <h2 id="will-be-sent" className="text-sm font-medium">
          What will be sent
        </h2>
        {shown && (
          <span
            className={cx("text-xs", bytes / RUN_BODY_MAX_BYTES > 0.9 ? "text-danger-ink" : "text-faint")}
          >
            {byteWords(bytes)} of {byteWords(RUN_BODY_MAX_BYTES)}
          </span>
        )}
      </div>
      {shown && !spec && (
        <p role="status" className="mb-1 text-xs text-warning-ink">
          This is the last valid version; what you are writing is not valid yet.
        </p>
      )}
      {shown ? (
        <Tabs label="The request as" value={tab} onChange={setTab} tabs={tabs(shown)} />
      ) : (
        <p className="rounded-lg bg-sunken p-3 text-sm text-muted">
          The body appears when the request is valid.
        </p>
      )}
    </section>
  );
}
