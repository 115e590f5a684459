import { useRouter } from "next/navigation";
import { startTransition, useEffect, useEffectEvent, useState } from "react";

const ASK_MS = 2_000;

type Health = "away" | "well" | "unknown";

/** Whether the database can be read, from `/readyz`; its other checks do not hinder a page. */
async function askHealth(signal: AbortSignal): Promise<Health> {
  try {
    const response = await fetch("/readyz", { cache: "no-store", signal });
    const { checks } = (await response.json()) as { checks?: { database?: boolean } };
    return checks?.database ? "well" : "away";
  } catch {
    return "unknown";
  }
}

/**
 * For a page that failed: finds out whether the database is what is missing, and tries the page again once it is back.
 * A page that failed for another reason is not tried again by itself: it would fail in a loop.
 * @returns whether the database is away
 */
export function useReturn(onReturn: () => void): boolean {
  const router = useRouter();
  const [isAway, setIsAway] = useState(false);
  const comeBack = useEffectEvent(() =>
    startTransition(() => {
      router.refresh();
      onReturn();
    }),
  );
  useEffect(() => {
    const abort = new AbortController();
    let wasAway = false;
    const look = async () => {
      const health = await askHealth(abort.signal);
      if (abort.signal.aborted) return;
      if (health === "away") {
        wasAway = true;
        setIsAway(true);
      } else if (health === "well" && wasAway) {
        wasAway = false;
        comeBack();
      }
    };
    void look();
    const timer = setInterval(() => void look(), ASK_MS);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, []);
  return isAway;
}
