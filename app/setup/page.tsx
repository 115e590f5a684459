import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { EntryFrame } from "@/components/entry/entry-frame";
import { SetupForm } from "@/components/entry/setup-form";
import { Notice } from "@/components/ui/notice";
import { setupState } from "@/lib/workspaces/setup";

export const metadata: Metadata = { title: "Set up" };

type PageProps = { searchParams: Promise<{ token?: string | string[] }> };

export default async function SetupPage({ searchParams }: PageProps) {
  const { token } = await searchParams;
  const given = typeof token === "string" ? token : "";
  const state = await setupState(given);
  if (state === "done") redirect("/sign-in");
  if (state === "wrong_token")
    return (
      <EntryFrame title="Set up Jobdeck">
        <Notice
          tone="warning"
          title={given ? "This setup link is not the right one" : "The setup link is needed"}
        >
          Jobdeck printed a setup link when it started: look in the terminal, or in the log, for a line with{" "}
          <code className="font-mono text-xs">/setup?token=</code> and open it. The newest one counts.
        </Notice>
      </EntryFrame>
    );
  return (
    <EntryFrame
      title="Set up Jobdeck"
      lead="Make the first account. It owns the workspace and can invite the others."
    >
      <SetupForm token={given} />
    </EntryFrame>
  );
}
