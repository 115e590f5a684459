"use client";

import { Download } from "lucide-react";
import { usePlace } from "@/components/shell/place";
import { buttonClass } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { jobOutputPath } from "@/lib/jobs/queries";
import type { JobDetail } from "@/lib/jobs/schema";

const SHOWN_CHARACTERS = 50_000;

/** The output exactly as the provider spelled it. */
export function JobRaw({ job }: { job: JobDetail }) {
  const { slug } = usePlace();
  if (job.outputState !== "stored") return <p className="text-sm text-muted">There is no stored output.</p>;
  const cut = (job.output?.length ?? 0) > SHOWN_CHARACTERS;
  return (
    <div className="space-y-3">
      {job.output !== null && (
        <CodeBlock
          text={cut ? job.output.slice(0, SHOWN_CHARACTERS) : job.output}
          what={cut ? "the shown part" : "output"}
          label="Output as the provider spelled it"
          wrap
          className="[&_pre]:break-all"
        />
      )}
      <div className="flex flex-wrap items-center gap-3 text-sm text-muted">
        <a href={jobOutputPath(slug, job.id)} className={buttonClass("plain", "sm")}>
          <Download aria-hidden className="size-3.5" /> Download
        </a>
        {cut && (
          <span>
            The first {SHOWN_CHARACTERS.toLocaleString("en")} characters are shown; the download has all.
          </span>
        )}
      </div>
    </div>
  );
}
