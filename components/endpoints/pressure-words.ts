import { durationWords } from "@/components/ui/time-words";
import type { Pressure } from "@/lib/endpoints/schema";

type Rate = Pressure["rates"][number];

/** One digit below ten, none above; a rate that is not zero never reads as zero. */
export function perSecondWords(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.1) return "< 0.1";
  return perSecond < 9.95
    ? perSecond.toFixed(1).replace(/\.0$/, "")
    : Math.round(perSecond).toLocaleString("en");
}

export type Hold = { tone: "calm" | "slowed" | "stopped"; words: string };

/**
 * Why fewer requests go out than the provider allows. All instants by the database's clock, `now` included, so that a
 * viewer's wrong clock changes nothing.
 */
export function holdOf(rate: Rate, now: string): Hold {
  const until = (at: string) => {
    const seconds = Math.max(0, Math.ceil((Date.parse(at) - Date.parse(now)) / 1000));
    return seconds < 60 ? `${seconds} s` : durationWords(seconds * 1000);
  };
  if (rate.pausedUntil)
    return { tone: "stopped", words: `429: nothing is asked for another ${until(rate.pausedUntil)}` };
  if (rate.slowedUntil)
    return {
      tone: "slowed",
      words: `slowed to ${perSecondWords(rate.allowedPerSecond)}/s after a 429, full again in ${until(rate.slowedUntil)}`,
    };
  return { tone: "calm", words: "full rate" };
}

/** From here on a poll is late enough to be felt. */
const LATE_MS = 1_000;

/** "on time", "2.4 s late"; nothing to wait for is null. */
export function lateWords(lateMs: number | null): { isLate: boolean; words: string } | null {
  if (lateMs === null) return null;
  if (lateMs < LATE_MS) return { isLate: false, words: "on time" };
  return { isLate: true, words: `${durationWords(lateMs)} late` };
}
