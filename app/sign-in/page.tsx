import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { EntryFrame } from "@/components/entry/entry-frame";
import { safePath } from "@/components/entry/safe-path";
import { SignInForm } from "@/components/entry/sign-in-form";
import { findPerson } from "@/lib/auth/context";
import { requestHeaders } from "@/lib/auth/request-headers";

export const metadata: Metadata = { title: "Sign in" };

type PageProps = { searchParams: Promise<{ next?: string | string[] }> };

export default async function SignInPage({ searchParams }: PageProps) {
  const { next } = await searchParams;
  const path = safePath(typeof next === "string" ? next : undefined);
  if (await findPerson(await requestHeaders())) redirect(path);
  return (
    <EntryFrame title="Sign in">
      <SignInForm next={path} />
      <p className="mt-6 text-sm text-muted">
        No account? Ask an admin of your workspace for an invite link.
      </p>
    </EntryFrame>
  );
}
