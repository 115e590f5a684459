import type { Metadata } from "next";
import { pageContext } from "@/app/[workspace]/page-context";
import { EndpointsView } from "@/components/endpoints/endpoints-view";
import { listEndpoints } from "@/lib/endpoints/service";

export const metadata: Metadata = { title: "Endpoints" };

type PageProps = { params: Promise<{ workspace: string }> };

export default async function EndpointsPage({ params }: PageProps) {
  const { workspace: slug } = await params;
  const ctx = await pageContext(slug, "/endpoints");
  return <EndpointsView endpoints={await listEndpoints(ctx)} />;
}
