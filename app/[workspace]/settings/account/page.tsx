import type { Metadata } from "next";
import { pageContext } from "@/app/[workspace]/page-context";
import { PasswordForm } from "@/components/account/password-form";
import { SessionList } from "@/components/account/session-list";
import { PageHeader } from "@/components/shell/page-header";
import { listSessions } from "@/lib/account/service";

export const metadata: Metadata = { title: "Your account" };

type PageProps = { params: Promise<{ workspace: string }> };

export default async function AccountPage({ params }: PageProps) {
  const { workspace: slug } = await params;
  const ctx = await pageContext(slug, "/settings/account");
  const { name, email } = ctx.person;
  return (
    <div className="max-w-2xl">
      <PageHeader title="Your account" lead={`${name} · ${email}`} />
      <section>
        <h2 className="mb-2 text-lg font-semibold">Password</h2>
        <PasswordForm email={email} />
      </section>
      <section className="mt-8">
        <h2 className="mb-2 text-lg font-semibold">Where you are signed in</h2>
        <SessionList sessions={await listSessions(ctx)} />
      </section>
    </div>
  );
}
