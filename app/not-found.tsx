import type { Metadata } from "next";
import { EntryFrame } from "@/components/entry/entry-frame";
import { ButtonLink } from "@/components/ui/button";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <EntryFrame
      title="There is nothing here"
      lead="The address is wrong, the thing was removed, or you are not a member of the workspace it belongs to."
    >
      <ButtonLink href="/" look="primary">
        Go to your workspace
      </ButtonLink>
    </EntryFrame>
  );
}
