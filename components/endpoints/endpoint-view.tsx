"use client";

import { ListTree, SquarePen, Zap } from "lucide-react";
import { type ReactNode, useState } from "react";
import { ConnectionReportView } from "@/components/endpoints/connection-report";
import { EditEndpointForm } from "@/components/endpoints/edit-endpoint-form";
import { kindWord } from "@/components/endpoints/endpoint-words";
import { HealthView } from "@/components/endpoints/health-view";
import { PausedNotice } from "@/components/endpoints/paused-notice";
import { PressureView } from "@/components/endpoints/pressure-view";
import { RemoveEndpoint } from "@/components/endpoints/remove-endpoint";
import { WorkerEnvironment } from "@/components/endpoints/worker-environment";
import { PageHeader } from "@/components/shell/page-header";
import { useMay, usePlace } from "@/components/shell/place";
import { Button, ButtonLink } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { toast } from "@/components/ui/toast";
import { testConnectionAction } from "@/lib/endpoints/actions";
import type { ConnectionReport, EndpointRow } from "@/lib/endpoints/schema";

type EndpointViewProps = {
  endpoint: EndpointRow;
  /** Of local endpoints, with the key covered. */
  workerVariables: Record<string, string> | null;
};

export function EndpointView({ endpoint, workerVariables }: EndpointViewProps) {
  const { slug } = usePlace();
  const [mayEdit, maySubmit] = [useMay("endpoints:edit"), useMay("jobs:submit")];
  return (
    <>
      <PageHeader
        title={endpoint.name}
        lead={
          <span className="flex items-center gap-1.5">
            {kindWord(endpoint.kind)} · <code className="font-mono text-xs">{endpoint.upstreamId}</code>
            <CopyButton text={endpoint.upstreamId} what="endpoint id" />
          </span>
        }
        actions={
          <>
            <ButtonLink
              href={`/${slug}/jobs?endpoint=${endpoint.id}`}
              icon={<ListTree aria-hidden className="size-4" />}
            >
              Its jobs
            </ButtonLink>
            {maySubmit && (
              <ButtonLink
                look="primary"
                href={`/${slug}/compose?endpoint=${endpoint.id}`}
                icon={<SquarePen aria-hidden className="size-4" />}
              >
                Compose
              </ButtonLink>
            )}
          </>
        }
      />
      <div className="max-w-4xl space-y-8">
        <PausedNotice endpoint={endpoint} />
        <Section title="Traffic">
          <PressureView id={endpoint.id} />
        </Section>
        <Section title="Health" aside={mayEdit && <TestStoredConnection id={endpoint.id} />}>
          <HealthView id={endpoint.id} />
        </Section>
        {workerVariables && (
          <Section title="Attach a worker">
            <WorkerEnvironment id={endpoint.id} variables={workerVariables} />
          </Section>
        )}
        {mayEdit && (
          <Section title="Settings">
            <EditEndpointForm endpoint={endpoint} key={`${endpoint.name}|${endpoint.apiKeyLast4}`} />
          </Section>
        )}
        {mayEdit && (
          <Section title="Remove">
            <RemoveEndpoint endpoint={endpoint} />
          </Section>
        )}
      </div>
    </>
  );
}

function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-t pt-4">
      <div className="mb-3 flex min-h-7 items-center justify-between gap-3">
        <h2 className="text-lg font-semibold">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Tries the stored key against the stored address. */
function TestStoredConnection({ id }: { id: string }) {
  const { slug } = usePlace();
  const [busy, setBusy] = useState(false);
  const [report, setReport] = useState<ConnectionReport | null>(null);
  const test = async () => {
    setBusy(true);
    const result = await testConnectionAction(slug, { id });
    setBusy(false);
    if (result.ok) setReport(result.value);
    else toast.failed({ title: "The connection was not tested", description: result.error.message });
  };
  return (
    <span className="flex flex-wrap items-center justify-end gap-2">
      {report && <ConnectionReportView report={report} />}
      <Button
        size="sm"
        busy={busy}
        onClick={() => void test()}
        icon={<Zap aria-hidden className="size-3.5" />}
      >
        Test connection
      </Button>
    </span>
  );
}
