"use client";

import { Plus, Server } from "lucide-react";
import { parseAsBoolean, useQueryState } from "nuqs";
import { AddEndpointDialog } from "@/components/endpoints/add-endpoint-dialog";
import { kindWord } from "@/components/endpoints/endpoint-words";
import { PageHeader } from "@/components/shell/page-header";
import { useMay, usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { EndpointRow } from "@/lib/endpoints/schema";

export function EndpointsView({ endpoints }: { endpoints: readonly EndpointRow[] }) {
  const [adding, setAdding] = useQueryState("add", parseAsBoolean.withDefault(false));
  const mayEdit = useMay("endpoints:edit");
  const add = mayEdit && (
    <Button
      look="primary"
      onClick={() => void setAdding(true)}
      icon={<Plus aria-hidden className="size-4" />}
    >
      Connect an endpoint
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Endpoints"
        lead="Where requests can be sent."
        actions={endpoints.length > 0 && add}
      />
      {endpoints.length === 0 ? (
        <EmptyState icon={<Server aria-hidden />} title="No endpoints yet" action={add}>
          Connect a RunPod endpoint with its id and an API key, or create a local one that your own workers
          attach to.
        </EmptyState>
      ) : (
        <ul className="divide-y border-y">
          {endpoints.map((endpoint) => (
            <EndpointLine key={endpoint.id} endpoint={endpoint} />
          ))}
        </ul>
      )}
      {mayEdit && <AddEndpointDialog open={adding} onOpenChange={(open) => void setAdding(open || null)} />}
    </>
  );
}

function EndpointLine({ endpoint }: { endpoint: EndpointRow }) {
  const { slug } = usePlace();
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 py-2.5 text-sm hover:bg-hover sm:grid-cols-[minmax(0,1fr)_8rem_minmax(0,12rem)_7rem]">
      <AppLink
        href={`/${slug}/endpoints/${endpoint.id}`}
        className="truncate font-medium before:absolute before:inset-0 hover:underline focus-visible:outline-none focus-visible:before:outline-2 focus-visible:before:-outline-offset-2 focus-visible:before:outline-accent-ink"
      >
        {endpoint.name}
      </AppLink>
      <span className="text-muted max-sm:order-3">{kindWord(endpoint.kind)}</span>
      <code className="truncate font-mono text-xs text-muted max-sm:hidden">{endpoint.upstreamId}</code>
      <span className="text-right">
        {endpoint.pausedAt ? (
          <Badge tone="warning">Paused</Badge>
        ) : endpoint.trouble ? (
          <Badge tone="warning">Not answering</Badge>
        ) : (
          <span className="text-xs text-faint">
            {endpoint.kind === "local" ? "built in" : endpoint.apiKeyLast4 && `key …${endpoint.apiKeyLast4}`}
          </span>
        )}
      </span>
    </li>
  );
}
