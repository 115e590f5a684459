"use client";

import { useQuery } from "@tanstack/react-query";
import { troubleWords } from "@/components/endpoints/trouble-words";
import { usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { Notice } from "@/components/ui/notice";
import { endpointListOptions } from "@/lib/endpoints/queries";
import type { EndpointRow } from "@/lib/endpoints/schema";

const MOST = 3;

type EndpointHintsProps = {
  endpoints: readonly EndpointRow[];
  /** Only this one matters here. */
  only?: string | null;
};

/** Above a list of jobs: which endpoints keep them waiting, and where to mend it. */
export function EndpointHints({ endpoints, only }: EndpointHintsProps) {
  const { slug } = usePlace();
  const { data } = useQuery({ ...endpointListOptions(slug), initialData: [...endpoints] });
  const hints = data.flatMap((endpoint) => {
    const words = !only || endpoint.id === only ? troubleWords(endpoint) : null;
    return words ? [{ ...words, id: endpoint.id }] : [];
  });
  return (
    <div role="status" className="mb-3 space-y-2 empty:hidden">
      {hints.slice(0, MOST).map(({ id, title, words }) => (
        <Notice key={id} tone="warning" title={title}>
          {words}{" "}
          <AppLink href={`/${slug}/endpoints/${id}`} className="text-accent-ink underline">
            Open the endpoint
          </AppLink>
        </Notice>
      ))}
      {hints.length > MOST && (
        <p className="text-sm text-muted">
          {hints.length - MOST} more, see{" "}
          <AppLink href={`/${slug}/endpoints`} className="text-accent-ink underline">
            Endpoints
          </AppLink>
          .
        </p>
      )}
    </div>
  );
}
