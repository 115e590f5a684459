import type { EndpointRow } from "@/lib/endpoints/schema";

/** A provider's words end as they like; ours go on behind them. */
export const sentence = (words: string): string =>
  /[.!?…]$/.test(words.trim()) ? words.trim() : `${words.trim()}.`;

/** What keeps the jobs of an endpoint waiting, for lists of jobs. Null when nothing does. */
export function troubleWords({ name, pausedAt, pausedReason, trouble }: EndpointRow): {
  title: string;
  words: string;
} | null {
  if (pausedAt)
    return {
      title: `${name} is paused`,
      words: sentence(pausedReason ?? "Nothing is sent to it or watched"),
    };
  if (trouble)
    return {
      title: `${name} has not been answering`,
      words: `${sentence(trouble.words)} Its jobs wait and go on by themselves.`,
    };
  return null;
}
