import type { ReactNode } from "react";
import { Logo } from "@/components/shell/logo";

/** The quiet frame of the pages outside a workspace: sign-in, setup, invite, not found. */
export function EntryFrame({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col px-4 pt-[12vh] pb-12">
      <Logo />
      <h1 className="mt-8 text-xl font-semibold tracking-tight">{title}</h1>
      {lead && <p className="mt-1 text-base text-muted">{lead}</p>}
      <div className="mt-6">{children}</div>
    </main>
  );
}
