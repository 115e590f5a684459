import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { pageContext } from "@/app/[workspace]/page-context";
import { Overview } from "@/components/overview/overview";
import { getQueryClient } from "@/components/shell/query-client";
import { listEndpoints } from "@/lib/endpoints/service";
import { jobKeys } from "@/lib/jobs/queries";
import { readJobPage } from "@/lib/jobs/reads";

export const metadata: Metadata = { title: "Overview" };

type PageProps = { params: Promise<{ workspace: string }> };

export default async function OverviewPage({ params }: PageProps) {
  const { workspace: slug } = await params;
  const ctx = await pageContext(slug, "");
  const [page, endpoints] = await Promise.all([readJobPage(ctx, {}, { limit: 50 }), listEndpoints(ctx)]);
  const client = getQueryClient();
  client.setQueryData(jobKeys.list(slug, {}), { pages: [page], pageParams: [undefined] });
  return (
    <HydrationBoundary state={dehydrate(client)}>
      <Overview workspaceName={ctx.workspace.name} endpoints={endpoints} />
    </HydrationBoundary>
  );
}
