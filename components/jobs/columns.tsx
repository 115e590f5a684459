"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { shortId } from "@/components/job/short-id";
import { JobTimes } from "@/components/jobs/job-times";
import { AppLink } from "@/components/ui/app-link";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import type { JobRow } from "@/lib/jobs/schema";

const column = createColumnHelper<JobRow>();

export const jobColumns = (slug: string) => [
  column.accessor("status", {
    header: "State",
    cell: ({ row }) => <StateBadge status={row.original.status} />,
    meta: { className: "order-1 md:order-none" },
  }),
  column.accessor("id", {
    header: "Job",
    cell: ({ row }) => (
      <AppLink
        href={`/${slug}/jobs/${row.original.id}`}
        // The whole row is the link; this is its name and its only tab stop.
        className="font-mono text-xs text-ink before:absolute before:inset-0 hover:underline focus-visible:outline-none focus-visible:before:outline-2 focus-visible:before:-outline-offset-2 focus-visible:before:outline-accent-ink"
      >
        {shortId(row.original.id)}
      </AppLink>
    ),
    meta: { className: "order-4 md:order-none" },
  }),
  column.accessor((row) => row.endpoint.name, {
    id: "endpoint",
    header: "Endpoint",
    cell: ({ getValue }) => getValue(),
    meta: { className: "order-2 text-right md:order-none md:text-left" },
  }),
  column.accessor("inputSummary", {
    header: "Input",
    cell: ({ row: { original: job } }) =>
      job.error && job.status !== "COMPLETED" ? (
        job.error
      ) : job.outputState === "too_large" ? (
        <>
          <span className="text-warning-ink">Output not kept: over the limit</span> · {job.inputSummary}
        </>
      ) : (
        job.inputSummary
      ),
    meta: { className: "order-3 text-muted md:order-none" },
  }),
  column.accessor((row) => row.createdBy?.name ?? "a program", {
    id: "who",
    header: "Who",
    cell: ({ getValue }) => getValue(),
    meta: { className: "max-lg:hidden text-muted" },
  }),
  column.display({
    id: "times",
    header: "Wait · run",
    cell: ({ row }) => <JobTimes job={row.original} />,
    meta: { className: "max-md:hidden text-right" },
  }),
  column.accessor("createdAt", {
    header: "Created",
    cell: ({ getValue }) => <RelativeTime at={getValue()} />,
    meta: { className: "max-md:hidden text-right text-muted" },
  }),
];
