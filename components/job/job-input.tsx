import { formatDuration } from "@/components/composer/duration-text";
import { CodeBlock } from "@/components/ui/code-block";
import { DefinitionList, Fact } from "@/components/ui/definition-list";
import type { JobDetail } from "@/lib/jobs/schema";
import { formatJson } from "@/lib/requests/json-layout";

/** The request as it was sent, secrets covered. */
export function JobInput({ job }: { job: JobDetail }) {
  return (
    <div className="space-y-4">
      <CodeBlock
        text={formatJson(job.request)}
        what="request, secrets covered"
        label="Request as sent"
        wrap
      />
      <DefinitionList>
        <Fact name="Execution timeout">
          {job.executionTimeoutMs === null ? "not set" : formatDuration(job.executionTimeoutMs)}
        </Fact>
        <Fact name="Time to live">{job.ttlMs === null ? "not set" : formatDuration(job.ttlMs)}</Fact>
        <Fact name="Priority">{job.lowPriority ? "low" : "normal"}</Fact>
      </DefinitionList>
    </div>
  );
}
