import type { Metadata } from "next";
import { AcceptInviteForm } from "@/components/entry/accept-invite-form";
import { EntryFrame } from "@/components/entry/entry-frame";
import { ButtonLink } from "@/components/ui/button";
import { findPerson } from "@/lib/auth/context";
import { requestHeaders } from "@/lib/auth/request-headers";
import { inviteInfo } from "@/lib/workspaces/service";

export const metadata: Metadata = { title: "Invite" };

type PageProps = { params: Promise<{ token: string }> };

export default async function InvitePage({ params }: PageProps) {
  const { token } = await params;
  const [info, person] = await Promise.all([inviteInfo(token), findPerson(await requestHeaders())]);
  if (info.state === "closed")
    return (
      <EntryFrame
        title="This invite is no longer open"
        lead="It was used, revoked, or its time is over. Ask for a new link."
      >
        <ButtonLink href="/">Go to Jobdeck</ButtonLink>
      </EntryFrame>
    );
  return (
    <EntryFrame title={`Join ${info.workspaceName}`} lead={`You are invited as ${info.role}.`}>
      <AcceptInviteForm token={token} signedInAs={person?.name ?? null} />
    </EntryFrame>
  );
}
