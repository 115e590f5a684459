import type { EndpointRow } from "@/lib/endpoints/schema";

/** What keeps the jobs of an endpoint waiting, for lists of jobs. Null when nothing does. */
export function troubleWords({ name, pausedAt, pausedReason, trouble }: EndpointRow): {
  title: string;
  words: string;
} | null {
  if (pausedAt)
    return { title: `${name} is paused`, words: pausedReason ?? "Nothing is sent to it or watched." };
  if (trouble)
    return {
      title: `${name} has not been answering`,
      words: `${trouble.words} Its jobs wait and go on by themselves.`,
    };
  return null;
}
