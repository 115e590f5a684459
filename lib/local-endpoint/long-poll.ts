import type { WakeHub } from "@/lib/local-endpoint/wake";

/** How long a waiter trusts the wake-ups before it looks by itself. */
const LOOK_AGAIN_MS = 1000;

/**
 * Look until there is something to see.
 * @param look reads the truth; undefined means "nothing yet".
 * @param keys wake-ups (see {@link WakeHub}) that make it look at once.
 * @returns undefined after `holdMs`, when `signal` aborts or when the process closes its long polls.
 */
export async function longPoll<T>(
  look: () => Promise<T | undefined>,
  { hub, keys, holdMs, signal }: { hub: WakeHub; keys: string[]; holdMs: number; signal: AbortSignal },
): Promise<T | undefined> {
  const until = performance.now() + holdMs;
  const bell = createBell(signal);
  // Listen before looking: what happens in between must ring.
  const offs = keys.map((key) => hub.on(key, bell.ring));
  try {
    while (!signal.aborted) {
      const seen = await look();
      const leftMs = until - performance.now();
      if (seen !== undefined || leftMs <= 0 || hub.closed) return seen;
      await bell.rung(Math.min(leftMs, LOOK_AGAIN_MS));
    }
    return undefined;
  } finally {
    for (const off of offs) off();
    bell.remove();
  }
}

/** Remembers a ring that comes while nobody waits. */
function createBell(signal: AbortSignal) {
  let rang = false;
  let resolve: (() => void) | undefined;
  const ring = () => {
    rang = true;
    resolve?.();
  };
  signal.addEventListener("abort", ring);
  return {
    ring,
    remove: () => signal.removeEventListener("abort", ring),
    async rung(ms: number) {
      let timer: NodeJS.Timeout | undefined;
      if (!rang)
        await new Promise<void>((done) => {
          resolve = done;
          timer = setTimeout(done, ms);
        });
      clearTimeout(timer);
      rang = false;
      resolve = undefined;
    },
  };
}
