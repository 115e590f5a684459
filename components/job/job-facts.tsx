import { shortId } from "@/components/job/short-id";
import { AppLink } from "@/components/ui/app-link";
import { byteWords } from "@/components/ui/byte-words";
import { CopyButton } from "@/components/ui/copy-button";
import { DefinitionList, Fact } from "@/components/ui/definition-list";
import { AbsoluteTime } from "@/components/ui/relative-time";
import type { JobDetail } from "@/lib/jobs/schema";

export function JobFacts({ job, slug }: { job: JobDetail; slug: string }) {
  return (
    <DefinitionList>
      <Fact name="Endpoint">
        <AppLink
          href={`/${slug}/endpoints/${job.endpoint.id}`}
          className="inline-flex min-h-6 items-center text-accent-ink hover:underline"
        >
          {job.endpoint.name}
        </AppLink>
      </Fact>
      <Fact name="Sent by">{job.createdBy?.name ?? "a program"}</Fact>
      <Fact name="Created">
        <AbsoluteTime at={job.createdAt} />
      </Fact>
      {job.finishedAt && (
        <Fact name="Finished">
          <AbsoluteTime at={job.finishedAt} />
        </Fact>
      )}
      <IdFact name="Job id" id={job.id} />
      {job.upstreamId && <IdFact name="Provider's id" id={job.upstreamId} />}
      {job.workerId && <IdFact name="Worker" id={job.workerId} />}
      {job.retries > 0 && <Fact name="Retries">{job.retries}</Fact>}
      {job.outputBytes !== null && (
        <Fact name="Output">
          {byteWords(job.outputBytes)}, {job.outputState === "stored" ? "kept here" : "not kept"}
        </Fact>
      )}
      {job.originJobId && (
        <Fact name="Made from">
          <AppLink
            href={`/${slug}/jobs/${job.originJobId}`}
            className="inline-flex min-h-6 items-center font-mono text-xs text-accent-ink hover:underline"
          >
            {shortId(job.originJobId)}
          </AppLink>
        </Fact>
      )}
    </DefinitionList>
  );
}

function IdFact({ name, id }: { name: string; id: string }) {
  return (
    <Fact name={name}>
      <span className="flex items-center gap-1">
        <code className="min-w-0 truncate font-mono text-xs" title={id}>
          {id}
        </code>
        <CopyButton text={id} what={name.toLowerCase()} className="-my-1" />
      </span>
    </Fact>
  );
}
