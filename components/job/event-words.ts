import { stateWord } from "@/components/ui/state-badge";
import type { JobEvent } from "@/lib/jobs/schema";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** One line per thing that happened, and the details worth a second line. */
export function eventWords({ kind, detail }: JobEvent): { title: string; more: string } {
  const more = text(detail.words) || text(detail.reason);
  switch (kind) {
    case "created":
      return { title: "Saved, before anything was sent", more };
    case "accepted":
      return { title: "Accepted by the endpoint", more };
    case "rejected":
      return {
        title: typeof detail.httpStatus === "number" ? `Refused with HTTP ${detail.httpStatus}` : "Refused",
        more,
      };
    case "postponed":
      return { title: "Not sent yet, back in line", more };
    case "unconfirmed":
      return { title: "Sent, but no answer came", more };
    case "healed":
      return { title: "Found: it had been sent after all", more };
    case "resent":
      return { title: "Sent again by choice", more };
    case "marked_not_sent":
      return { title: "Marked as not sent", more };
    case "unreadable":
      return { title: "The endpoint's answers about this job cannot be read", more };
    case "cancel_requested":
      return { title: "Cancel requested", more };
    case "retried":
      return { title: "Retried at the provider", more };
    default:
      return { title: detail.to ? stateWord(text(detail.to)) : kind, more };
  }
}
