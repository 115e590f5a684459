import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { isId, orNotFound, pageContext } from "@/app/[workspace]/page-context";
import { JobView } from "@/components/job/job-view";
import { shortId } from "@/components/job/short-id";
import { getQueryClient } from "@/components/shell/query-client";
import { jobKeys } from "@/lib/jobs/queries";
import { readJob } from "@/lib/jobs/reads";

type PageProps = { params: Promise<{ workspace: string; id: string }> };

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `Job ${shortId((await params).id)}` };
}

export default async function JobPage({ params }: PageProps) {
  const { workspace: slug, id } = await params;
  const ctx = await pageContext(slug, `/jobs/${id}`);
  if (!isId(id)) notFound();
  const job = await orNotFound(readJob(ctx, id));
  const client = getQueryClient();
  client.setQueryData(jobKeys.detail(slug, id), job);
  return (
    <HydrationBoundary state={dehydrate(client)}>
      <JobView id={id} />
    </HydrationBoundary>
  );
}
