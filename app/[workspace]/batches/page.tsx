import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { pageContext } from "@/app/[workspace]/page-context";
import { BatchesView } from "@/components/batches/batches-view";
import { PageHeader } from "@/components/shell/page-header";
import { getQueryClient } from "@/components/shell/query-client";
import { ButtonLink } from "@/components/ui/button";
import { may } from "@/lib/auth/permissions";
import { batchListOptions } from "@/lib/batches/queries";
import { listBatches } from "@/lib/batches/service";

export const metadata: Metadata = { title: "Batches" };

type PageProps = { params: Promise<{ workspace: string }> };

export default async function BatchesPage({ params }: PageProps) {
  const { workspace: slug } = await params;
  const ctx = await pageContext(slug, "/batches");
  const batches = await listBatches(ctx);
  const client = getQueryClient();
  client.setQueryData(batchListOptions(slug).queryKey, { batches });
  return (
    <HydrationBoundary state={dehydrate(client)}>
      <PageHeader
        title="Batches"
        lead="Many requests, sent at the pace that the provider allows."
        actions={
          batches.length > 0 &&
          may(ctx.role, "jobs:submit") && (
            <ButtonLink look="primary" href={`/${slug}/batches/new`}>
              Send many requests
            </ButtonLink>
          )
        }
      />
      <BatchesView />
    </HydrationBoundary>
  );
}
