import { cx } from "@/components/ui/class-names";
import { isTerminal, type JobStatus, type KnownStatus } from "@/lib/jobs/lifecycle";

/** A state has one word, one colour and one sentence everywhere. */
const STATES: Record<KnownStatus, { word: string; ink: string; meaning: string }> = {
  SENDING: { word: "Sending", ink: "text-state-sending", meaning: "Saved here, on its way to the endpoint." },
  IN_QUEUE: { word: "In queue", ink: "text-state-in-queue", meaning: "Accepted; waiting for a worker." },
  IN_PROGRESS: { word: "In progress", ink: "text-state-in-progress", meaning: "A worker is on it." },
  COMPLETED: { word: "Completed", ink: "text-state-completed", meaning: "Done; the result is kept here." },
  FAILED: {
    word: "Failed",
    ink: "text-state-failed",
    meaning: "The worker or the platform reported an error.",
  },
  CANCELLED: { word: "Cancelled", ink: "text-state-cancelled", meaning: "Stopped on request." },
  TIMED_OUT: {
    word: "Timed out",
    ink: "text-state-timed-out",
    meaning: "It ran or waited longer than it may.",
  },
  UNCONFIRMED: {
    word: "Unconfirmed",
    ink: "text-state-unconfirmed",
    meaning: "It may have been sent, but no job id came back.",
  },
  REJECTED: { word: "Rejected", ink: "text-state-rejected", meaning: "The endpoint refused the request." },
  EXPIRED: { word: "Expired", ink: "text-state-expired", meaning: "The provider dropped it after its time." },
  LOST: {
    word: "Lost",
    ink: "text-state-lost",
    meaning: "The provider no longer knows it, without a reason.",
  },
};

const known = (status: JobStatus) => (status in STATES ? STATES[status as KnownStatus] : null);

export const stateWord = (status: JobStatus): string => known(status)?.word ?? status;
export const stateMeaning = (status: JobStatus): string =>
  known(status)?.meaning ?? "A state that Jobdeck does not know. It is shown as it came and still watched.";
const stateInk = (status: JobStatus): string => known(status)?.ink ?? "text-state-unknown";

const dotInk = (status: JobStatus): string =>
  status === "IN_QUEUE" ? "text-state-in-queue-fill" : stateInk(status);

/** Filled when it is over, a ring while it waits for the provider, breathing while it moves. */
export function StateDot({ status }: { status: JobStatus }) {
  const moving = status === "SENDING" || status === "IN_PROGRESS";
  const solid = isTerminal(status) || moving || status === "UNCONFIRMED";
  return (
    <svg
      viewBox="0 0 8 8"
      aria-hidden="true"
      className={cx("size-2 shrink-0", dotInk(status), moving && "animate-breathe")}
    >
      {solid ? (
        <circle cx="4" cy="4" r="4" fill="currentColor" />
      ) : (
        <circle cx="4" cy="4" r="3" fill="none" stroke="currentColor" strokeWidth="2" />
      )}
    </svg>
  );
}

export function StateBadge({ status }: { status: JobStatus }) {
  return (
    <span
      title={stateMeaning(status)}
      className={cx("inline-flex max-w-full items-center gap-1.5 font-medium", stateInk(status))}
    >
      <StateDot status={status} />
      <span className="truncate">{stateWord(status)}</span>
    </span>
  );
}
