import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { isId, orNotFound, pageContext } from "@/app/[workspace]/page-context";
import { BatchView } from "@/components/batches/batch-view";
import { getQueryClient } from "@/components/shell/query-client";
import { batchOptions } from "@/lib/batches/queries";
import { readBatch } from "@/lib/batches/service";

export const metadata: Metadata = { title: "Batch" };

type PageProps = { params: Promise<{ workspace: string; id: string }> };

export default async function BatchPage({ params }: PageProps) {
  const { workspace: slug, id } = await params;
  const ctx = await pageContext(slug, `/batches/${id}`);
  if (!isId(id)) notFound();
  const batch = await orNotFound(readBatch(ctx, id));
  const client = getQueryClient();
  client.setQueryData(batchOptions(slug, id).queryKey, batch);
  return (
    <HydrationBoundary state={dehydrate(client)}>
      <BatchView id={id} />
    </HydrationBoundary>
  );
}
