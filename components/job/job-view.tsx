"use client";

import { useQuery } from "@tanstack/react-query";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { JobActions } from "@/components/job/job-actions";
import { JobFacts } from "@/components/job/job-facts";
import { JobInput } from "@/components/job/job-input";
import { JobOutput } from "@/components/job/job-output";
import { JobProblem } from "@/components/job/job-problem";
import { JobRaw } from "@/components/job/job-raw";
import { JobTimeline } from "@/components/job/job-timeline";
import { JobWebhook } from "@/components/job/job-webhook";
import { shortId } from "@/components/job/short-id";
import { TimeBar } from "@/components/job/time-bar";
import { UnconfirmedActions } from "@/components/job/unconfirmed-actions";
import { PageHeader } from "@/components/shell/page-header";
import { usePlace } from "@/components/shell/place";
import { CopyButton } from "@/components/ui/copy-button";
import { ErrorState } from "@/components/ui/error-state";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StateBadge } from "@/components/ui/state-badge";
import { Tabs } from "@/components/ui/tabs";
import { jobDetailOptions } from "@/lib/jobs/queries";
import type { JobDetail } from "@/lib/jobs/schema";

const TABS = ["output", "input", "timeline", "webhook", "raw"] as const;

export function JobView({ id }: { id: string }) {
  const { slug } = usePlace();
  const { data: job, error, refetch, isFetching } = useQuery(jobDetailOptions(slug, id));
  if (job)
    return (
      <>
        {error && (
          <div className="mb-4">
            <ErrorState
              title="What you see may be out of date"
              message={error.message}
              onRetry={() => void refetch()}
              busy={isFetching}
            />
          </div>
        )}
        <JobBody job={job} />
      </>
    );
  return error ? (
    <ErrorState title="This job could not be loaded" message={error.message} onRetry={() => void refetch()} />
  ) : (
    <SkeletonRows label="The job is loading" />
  );
}

function JobBody({ job }: { job: JobDetail }) {
  const { slug } = usePlace();
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("output"));
  return (
    <>
      <PageHeader
        title={
          <span className="flex items-center gap-1.5">
            Job <code className="font-mono text-lg font-medium">{shortId(job.id)}</code>
            <CopyButton text={job.id} what="job id" />
          </span>
        }
        lead={
          <span className="flex flex-wrap items-center gap-x-2">
            <span aria-live="polite">
              <StateBadge status={job.status} />
            </span>
            <span className="min-w-0 truncate">on {job.endpoint.name}</span>
          </span>
        }
        actions={<JobActions job={job} />}
      />
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <div className="min-w-0 space-y-4">
          <TimeBar job={job} />
          <JobProblem
            job={job}
            actions={job.status === "UNCONFIRMED" ? <UnconfirmedActions id={job.id} /> : undefined}
          />
          <Tabs
            label="Parts of the job"
            value={tab}
            onChange={(next) => void setTab(next)}
            tabs={[
              { value: "output", label: "Output", content: <JobOutput job={job} /> },
              { value: "input", label: "Input", content: <JobInput job={job} /> },
              { value: "timeline", label: "Timeline", content: <JobTimeline job={job} /> },
              { value: "webhook", label: "Webhook", content: <JobWebhook webhook={job.webhook} /> },
              { value: "raw", label: "Raw", content: <JobRaw job={job} /> },
            ]}
          />
        </div>
        <aside aria-label="Facts about the job">
          <JobFacts job={job} slug={slug} />
        </aside>
      </div>
    </>
  );
}
