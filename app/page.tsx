import { redirect } from "next/navigation";
import { EntryFrame } from "@/components/entry/entry-frame";
import { SignOutButton } from "@/components/entry/sign-out-button";
import { findPerson, listMemberships } from "@/lib/auth/context";
import { requestHeaders } from "@/lib/auth/request-headers";
import { needsSetup } from "@/lib/workspaces/setup";

export default async function StartPage() {
  const person = await findPerson(await requestHeaders());
  if (!person) redirect((await needsSetup()) ? "/setup" : "/sign-in");
  const [first] = await listMemberships(person.id);
  if (first) redirect(`/${first.slug}`);
  return (
    <EntryFrame
      title="No workspace yet"
      lead={`You are signed in as ${person.email}, but you are not a member of any workspace. Ask an admin for an invite link.`}
    >
      <SignOutButton />
    </EntryFrame>
  );
}
