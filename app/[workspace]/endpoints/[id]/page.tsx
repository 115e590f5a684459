import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { isId, orNotFound, pageContext } from "@/app/[workspace]/page-context";
import { EndpointView } from "@/components/endpoints/endpoint-view";
import { readEndpoint } from "@/lib/endpoints/service";
import { workerEnvironment } from "@/lib/local-endpoint/service";

export const metadata: Metadata = { title: "Endpoint" };

type PageProps = { params: Promise<{ workspace: string; id: string }> };

export default async function EndpointPage({ params }: PageProps) {
  const { workspace: slug, id } = await params;
  const ctx = await pageContext(slug, `/endpoints/${id}`);
  if (!isId(id)) notFound();
  const endpoint = await orNotFound(readEndpoint(ctx, id));
  // As a viewer sees it, whoever asks: the worker key is never part of a page, only of the answer to a click.
  const environment =
    endpoint.kind === "local" ? await workerEnvironment({ ...ctx, role: "viewer" }, id) : null;
  return <EndpointView endpoint={endpoint} workerVariables={environment?.variables ?? null} />;
}
