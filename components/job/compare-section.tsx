"use client";

import { GitCompare } from "lucide-react";
import dynamic from "next/dynamic";
import { parseAsString, useQueryState } from "nuqs";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { JobDetail } from "@/lib/jobs/schema";

const CompareInputs = dynamic(() => import("@/components/job/compare-inputs"), {
  ssr: false,
  loading: () => <Skeleton className="h-20 w-full" />,
});

const isId = (text: string | null): text is string => text !== null && /^[0-9a-f-]{36}$/.test(text);

/** Opens with the job that this one was made from, where there is one. The other job stands in the address. */
export function CompareSection({ job }: { job: JobDetail }) {
  const [compared, setCompared] = useQueryState("compare", parseAsString);
  const [isOpen, setOpen] = useState(false);
  const otherId = isId(compared) ? compared : null;
  if (!isOpen && !otherId)
    return (
      <Button
        size="sm"
        icon={<GitCompare aria-hidden className="size-3.5" />}
        onClick={() => {
          setOpen(true);
          if (job.originJobId) void setCompared(job.originJobId);
        }}
      >
        Compare with another job…
      </Button>
    );
  return <CompareInputs job={job} otherId={otherId} onChoose={(id) => void setCompared(id)} />;
}
