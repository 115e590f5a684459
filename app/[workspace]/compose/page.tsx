import type { Metadata } from "next";
import { isId, orNotFound, pageContext } from "@/app/[workspace]/page-context";
import type { ComposeStart } from "@/components/composer/compose-values";
import { Composer } from "@/components/composer/composer";
import { fromDraft } from "@/components/composer/draft-content";
import { startWith } from "@/components/composer/starter-requests";
import { NotAllowed } from "@/components/shell/not-allowed";
import { PageHeader } from "@/components/shell/page-header";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { may } from "@/lib/auth/permissions";
import { type Draft, endpointSlot, jobSlot } from "@/lib/drafts/schema";
import { readDraft, readLatestDraft } from "@/lib/drafts/service";
import { listEndpoints } from "@/lib/endpoints/service";
import { readComposeSource } from "@/lib/jobs/reads";
import { readUsualTimes } from "@/lib/jobs/usual-times";

export const metadata: Metadata = { title: "Compose" };

type Query = { endpoint?: string | string[]; from?: string | string[] };
type PageProps = { params: Promise<{ workspace: string }>; searchParams: Promise<Query> };

export default async function ComposePage({ params, searchParams }: PageProps) {
  const { workspace: slug } = await params;
  const ctx = await pageContext(slug, "/compose");
  if (!may(ctx.role, "jobs:submit"))
    return <NotAllowed what="send requests" needs="submitter" role={ctx.role} />;
  const { endpoint, from } = await searchParams;
  const endpoints = await listEndpoints(ctx);
  if (endpoints.length === 0)
    return (
      <EmptyState
        isPage
        title="There is no endpoint to send to"
        action={
          <ButtonLink look="primary" href={`/${slug}/endpoints?add=true`}>
            Connect an endpoint
          </ButtonLink>
        }
      >
        A request goes to an endpoint. Connect one first; it takes its id and an API key.
      </EmptyState>
    );

  const isThere = (id: string | null) => endpoints.some((one) => one.id === id);
  let fresh: ComposeStart;
  let kept: Draft | null;
  if (isId(from)) {
    const source = await orNotFound(readComposeSource(ctx, from));
    const endpointId = isThere(source.endpointId) ? source.endpointId : null;
    fresh = { request: source.request, endpointId, originJobId: from };
    kept = await readDraft(ctx, { slot: jobSlot(from) });
  } else {
    const only = endpoints.length === 1 ? endpoints[0] : undefined;
    const chosen = endpoints.find(({ id }) => id === endpoint);
    fresh = startWith(chosen ?? only);
    kept = chosen ? await readDraft(ctx, { slot: endpointSlot(chosen.id) }) : await readLatestDraft(ctx);
  }
  const start = kept ? resume(kept, fresh.originJobId, isThere) : fresh;
  const address = new URLSearchParams({ ...(isId(from) && { from }), ...(isId(endpoint) && { endpoint }) });
  return (
    <>
      <PageHeader
        title="Compose"
        lead={
          start.originJobId
            ? "A new job, started from an earlier one."
            : "Write a request and send it as a job."
        }
      />
      <Composer
        key={address.toString()}
        endpoints={endpoints}
        start={start}
        fresh={fresh}
        usual={await readUsualTimes(ctx)}
      />
    </>
  );
}

function resume(
  { content, version, savedAt }: Draft,
  originJobId: string | undefined,
  isThere: (endpointId: string | null) => boolean,
): ComposeStart {
  const { request, endpointId } = fromDraft(content);
  return {
    request,
    // It may have been removed since.
    endpointId: isThere(endpointId) ? endpointId : null,
    ...(originJobId && { originJobId }),
    draft: { version, savedAt },
  };
}
