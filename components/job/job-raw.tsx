"use client";

import { OutputHead } from "@/components/job/output-head";
import type { JobDetail } from "@/lib/jobs/schema";

/** The output exactly as the provider spelled it. */
export function JobRaw({ job }: { job: JobDetail }) {
  if (job.outputState !== "stored") return <p className="text-sm text-muted">There is no stored output.</p>;
  return <OutputHead job={job} />;
}
