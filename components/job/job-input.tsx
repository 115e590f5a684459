import { useMemo } from "react";
import { formatDuration } from "@/components/composer/duration-text";
import { CompareSection } from "@/components/job/compare-section";
import { CodeBlock } from "@/components/ui/code-block";
import { DefinitionList, Fact } from "@/components/ui/definition-list";
import type { JobDetail } from "@/lib/jobs/schema";
import { formatJson } from "@/lib/requests/json-layout";

/** Beyond this nobody reads, and laying it out would hold up the server that renders it for everybody. */
const SHOWN_CHARACTERS = 200_000;
const LAID_OUT_CHARACTERS = 1_000_000;

/** A request as text to read, and whether it is all of it. */
function readable(request: string): { text: string; isCut: boolean } {
  if (request.length > SHOWN_CHARACTERS) return { text: request.slice(0, SHOWN_CHARACTERS), isCut: true };
  const text = formatJson(request);
  return { text: text.length > LAID_OUT_CHARACTERS ? request : text, isCut: false };
}

/** The request as it was sent, secrets covered. */
export function JobInput({ job }: { job: JobDetail }) {
  const { text, isCut } = useMemo(() => readable(job.request), [job.request]);
  return (
    <div className="space-y-4">
      <CodeBlock
        text={text}
        what={isCut ? "the shown part" : "request, secrets covered"}
        label="Request as sent"
        wrap
      />
      {isCut && (
        <p className="text-sm text-muted">
          The first {SHOWN_CHARACTERS.toLocaleString("en")} characters are shown.
        </p>
      )}
      <DefinitionList>
        <Fact name="Execution timeout">
          {job.executionTimeoutMs === null ? "not set" : formatDuration(job.executionTimeoutMs)}
        </Fact>
        <Fact name="Time to live">{job.ttlMs === null ? "not set" : formatDuration(job.ttlMs)}</Fact>
        <Fact name="Priority">{job.lowPriority ? "low" : "normal"}</Fact>
      </DefinitionList>
      <CompareSection job={job} />
    </div>
  );
}
