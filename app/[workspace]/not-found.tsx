import { SearchX } from "lucide-react";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export default function NotFound() {
  return (
    <EmptyState
      isPage
      icon={<SearchX aria-hidden />}
      title="There is nothing here"
      action={<ButtonLink href="/">Go to your workspace</ButtonLink>}
    >
      The address is wrong, the thing was removed, or it belongs to a workspace that you are not a member of.
    </EmptyState>
  );
}
