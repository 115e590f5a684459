import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { isId, pageContext } from "@/app/[workspace]/page-context";
import { JobsView } from "@/components/jobs/jobs-view";
import { PageHeader } from "@/components/shell/page-header";
import { getQueryClient } from "@/components/shell/query-client";
import { listEndpoints } from "@/lib/endpoints/service";
import { jobKeys } from "@/lib/jobs/queries";
import { readJobPage } from "@/lib/jobs/reads";
import { type JobFilter, jobFilterSchema } from "@/lib/jobs/schema";

export const metadata: Metadata = { title: "Jobs" };

type Query = { state?: string | string[]; endpoint?: string | string[] };
type PageProps = { params: Promise<{ workspace: string }>; searchParams: Promise<Query> };

/** The same filter as the page in the browser reads out of its address, so that the prefetched list is found. */
function readFilter({ state, endpoint }: Query): JobFilter {
  const states = typeof state === "string" ? state.split(",").filter(Boolean) : [];
  const filter = { ...(states.length > 0 && { state: states }), ...(isId(endpoint) && { endpoint }) };
  const parsed = jobFilterSchema.safeParse(filter);
  return parsed.success ? filter : {};
}

export default async function JobsPage({ params, searchParams }: PageProps) {
  const { workspace: slug } = await params;
  const ctx = await pageContext(slug, "/jobs");
  const filter = readFilter(await searchParams);
  const [page, endpoints] = await Promise.all([readJobPage(ctx, filter, { limit: 50 }), listEndpoints(ctx)]);
  const client = getQueryClient();
  client.setQueryData(jobKeys.list(slug, filter), { pages: [page], pageParams: [undefined] });
  return (
    <HydrationBoundary state={dehydrate(client)}>
      <PageHeader title="Jobs" />
      <JobsView endpoints={endpoints} />
    </HydrationBoundary>
  );
}
