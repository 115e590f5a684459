import type { Metadata } from "next";
import { pageContext } from "@/app/[workspace]/page-context";
import { BatchForm } from "@/components/batches/batch-form";
import { NotAllowed } from "@/components/shell/not-allowed";
import { PageHeader } from "@/components/shell/page-header";
import { may } from "@/lib/auth/permissions";
import { listEndpoints } from "@/lib/endpoints/service";

export const metadata: Metadata = { title: "Send many requests" };

type PageProps = { params: Promise<{ workspace: string }> };

export default async function NewBatchPage({ params }: PageProps) {
  const { workspace: slug } = await params;
  const ctx = await pageContext(slug, "/batches/new");
  if (!may(ctx.role, "jobs:submit"))
    return <NotAllowed what="send requests" needs="submitter" role={ctx.role} />;
  return (
    <>
      <PageHeader title="Send many requests" lead="One set of settings, many inputs, one job each." />
      <BatchForm endpoints={await listEndpoints(ctx)} />
    </>
  );
}
