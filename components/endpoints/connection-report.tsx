import { CircleCheck } from "lucide-react";
import { Notice } from "@/components/ui/notice";
import type { ConnectionReport } from "@/lib/endpoints/schema";

const TITLES: Record<ConnectionReport["outcome"], string> = {
  ok: "Connected",
  slow: "Slow",
  wrong_key: "The key was refused",
  wrong_id: "No such endpoint",
  unreachable: "Not reachable",
  refused_address: "This address is not allowed",
  not_an_endpoint: "Not an endpoint",
  throttled: "Throttled",
};

/** What the connection test found, in words. */
export function ConnectionReportView({ report }: { report: ConnectionReport }) {
  if (report.outcome === "ok")
    return (
      <p role="status" className="flex items-center gap-2 rounded-lg bg-success-soft px-3 py-2.5 text-sm">
        <CircleCheck aria-hidden className="size-4 shrink-0 text-success-ink" />
        <span>
          <span className="font-medium text-success-ink">Connected.</span> {report.message}
        </span>
      </p>
    );
  const isMild = report.outcome === "slow" || report.outcome === "throttled";
  return (
    <Notice
      tone={isMild ? "warning" : "danger"}
      role={isMild ? "status" : "alert"}
      title={TITLES[report.outcome]}
    >
      {report.message}
    </Notice>
  );
}
