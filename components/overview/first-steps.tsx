"use client";

import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { useMay, usePlace } from "@/components/shell/place";
import { ButtonLink } from "@/components/ui/button";
import type { EndpointRow } from "@/lib/endpoints/schema";

type FirstStepsProps = { endpoints: readonly EndpointRow[]; hasJobs: boolean; hasConnected: boolean };

/** The two cards of the first five minutes. Each goes when it is done. */
export function FirstSteps({ endpoints, hasJobs, hasConnected }: FirstStepsProps) {
  const { slug } = usePlace();
  const [maySubmit, mayConnect] = [useMay("jobs:submit"), useMay("endpoints:edit")];
  const sample = endpoints.find((endpoint) => endpoint.sample === "sample-image") ?? endpoints[0];
  return (
    <div className="grid gap-4 md:grid-cols-2">
      {!hasJobs && maySubmit && sample && (
        <Card
          title="Send your first job"
          action={
            <ButtonLink look="primary" href={`/${slug}/compose?endpoint=${sample.id}`}>
              Compose a request
            </ButtonLink>
          }
        >
          {sample.sample === "sample-image"
            ? "The built-in endpoint sample-image renders a picture on this machine. A good request is already filled in."
            : `Write a request for ${sample.name} and watch it run.`}
        </Card>
      )}
      {mayConnect &&
        (hasConnected ? (
          <Card title="Your endpoint is connected" done>
            It can be chosen in the composer.
          </Card>
        ) : (
          <Card
            title="Connect your endpoint"
            action={<ButtonLink href={`/${slug}/endpoints?add=true`}>Connect an endpoint</ButtonLink>}
          >
            Its id and an API key are enough. The connection is tested on the spot, and the key never reaches
            a browser again.
          </Card>
        ))}
    </div>
  );
}

type CardProps = { title: string; children: ReactNode; action?: ReactNode; done?: boolean };

function Card({ title, children, action, done }: CardProps) {
  return (
    <section className="flex flex-col items-start rounded-lg border p-4">
      <h2 className="flex items-center gap-2 text-lg font-semibold">
        {done && <Check aria-hidden className="size-4 text-success-ink" />}
        {title}
      </h2>
      <p className="mt-1 mb-4 max-w-prose text-base text-muted">{children}</p>
      {action && <div className="mt-auto">{action}</div>}
    </section>
  );
}
