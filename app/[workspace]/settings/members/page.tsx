import type { Metadata } from "next";
import { pageContext } from "@/app/[workspace]/page-context";
import { MembersView } from "@/components/members/members-view";
import { may } from "@/lib/auth/permissions";
import { listInvites, listMembers } from "@/lib/workspaces/service";

export const metadata: Metadata = { title: "Members" };

type PageProps = { params: Promise<{ workspace: string }> };

export default async function MembersPage({ params }: PageProps) {
  const { workspace: slug } = await params;
  const ctx = await pageContext(slug, "/settings/members");
  const mayEdit = may(ctx.role, "members:edit");
  const [members, invites] = await Promise.all([listMembers(ctx), mayEdit ? listInvites(ctx) : []]);
  return <MembersView members={members} invites={invites} viewerId={ctx.person.id} />;
}
