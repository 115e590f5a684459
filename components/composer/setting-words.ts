import { formatDuration } from "@/components/composer/duration-text";

/** What is set, as the form holds it: undefined and NaN mean that nothing usable stands there. */
export type Settings = {
  webhook?: unknown;
  executionTimeoutMs?: unknown;
  ttlMs?: unknown;
  lowPriority?: unknown;
};

const ms = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** One sentence per setting that says what it will do, also where it is not set. */
export function settingWords(settings: Settings, calledBy: "Jobdeck" | "the provider"): string[] {
  const [run, life] = [ms(settings.executionTimeoutMs), ms(settings.ttlMs)];
  const webhook = typeof settings.webhook === "string" ? settings.webhook.trim() : "";
  return [
    run === null
      ? "A worker may run it for as long as the endpoint allows, 24 hours unless it says otherwise."
      : `A worker that runs it for longer than ${formatDuration(run)} is stopped, and the job ends as timed out.`,
    `${life === null ? "24 hours" : formatDuration(life)} after it was sent it is deleted, waiting or running, with its result.`,
    settings.lowPriority === true
      ? "It starts no worker of its own and waits until one is free."
      : "It may start another worker when all are busy.",
    webhook === "" ? "Nobody is called when it is over." : `When it is over, ${calledBy} calls your webhook.`,
  ];
}

/** The same in a few words, for the line that opens and closes the settings; empty when nothing is set. */
export function settingDigest({ webhook, executionTimeoutMs, ttlMs, lowPriority }: Settings): string {
  const [run, life] = [ms(executionTimeoutMs), ms(ttlMs)];
  return [
    typeof webhook === "string" && webhook.trim() !== "" && "webhook",
    run !== null && `runs at most ${formatDuration(run)}`,
    life !== null && `lives ${formatDuration(life)}`,
    lowPriority === true && "low priority",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Seconds are as fine as people plan. */
const rounded = (value: number): string => formatDuration(Math.max(1000, Math.round(value / 1000) * 1000));

/** A warning when a job would usually be deleted before it is over; null when the time is enough or nothing is known. */
export function ttlWarning(
  ttlMs: unknown,
  usual: { jobs: number; medianMs: number; slowMs: number } | undefined,
): string | null {
  const life = ms(ttlMs);
  if (life === null || !usual || life >= usual.slowMs) return null;
  const took =
    life < usual.medianMs
      ? `Half of this endpoint's last ${usual.jobs} completed jobs took longer than ${rounded(usual.medianMs)}`
      : `One in ten of this endpoint's last ${usual.jobs} completed jobs took longer than ${rounded(usual.slowMs)}`;
  return `${took}, queue included. With a time to live of ${formatDuration(life)} such a job is deleted before its result is there.`;
}
