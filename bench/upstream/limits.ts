import type { Operation } from "@/bench/upstream/operations";

/** One operation's share: requests per window and requests at once. Infinity where the provider names no limit. */
export type Limit = { perWindow: number; concurrent: number };

/** As the provider documents them: per endpoint, per 10 s, and at once. */
export const PROVIDER_LIMITS: Record<Operation, Limit> = {
  run: { perWindow: 1000, concurrent: 200 },
  runsync: { perWindow: 2000, concurrent: 400 },
  status: { perWindow: 2000, concurrent: 400 },
  "status-sync": { perWindow: 2000, concurrent: 400 },
  cancel: { perWindow: 100, concurrent: 20 },
  retry: { perWindow: Infinity, concurrent: Infinity },
  "purge-queue": { perWindow: 2, concurrent: Infinity },
  health: { perWindow: Infinity, concurrent: Infinity },
};

const BUCKET_MS = 100;
const BUCKETS = 100;

/**
 * Counts of the last 10 s in buckets of 100 ms, sliding: whoever keeps this limit keeps the provider's fixed windows
 * too. A steady client at exactly the allowed rate is never refused, because the running bucket replaces a full one.
 */
export class Window {
  readonly #counts = new Uint32Array(BUCKETS);
  #bucket = 0;
  #sum = 0;

  #advance(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    const steps = Math.min(bucket - this.#bucket, BUCKETS);
    for (let i = 1; i <= steps; i++) {
      const slot = (this.#bucket + i) % BUCKETS;
      this.#sum -= this.#counts[slot]!;
      this.#counts[slot] = 0;
    }
    if (steps > 0) this.#bucket = bucket;
    if (steps === BUCKETS) {
      this.#counts.fill(0);
      this.#sum = 0;
    }
  }

  /** Requests of the last 10 s. */
  sum(now: number): number {
    this.#advance(now);
    return this.#sum;
  }

  /** Requests of the last second. */
  lastSecond(now: number): number {
    this.#advance(now);
    let sum = 0;
    for (let i = 0; i < 1000 / BUCKET_MS; i++) sum += this.#counts[(this.#bucket - i + BUCKETS) % BUCKETS]!;
    return sum;
  }

  add(now: number): void {
    this.#advance(now);
    const slot = this.#bucket % BUCKETS;
    this.#counts[slot] = this.#counts[slot]! + 1;
    this.#sum++;
  }

  /** Milliseconds until the oldest counted bucket leaves the window. */
  freesInMs(now: number): number {
    this.#advance(now);
    for (let i = BUCKETS - 1; i >= 0; i--)
      if (this.#counts[(this.#bucket - i + BUCKETS) % BUCKETS]! > 0)
        return (this.#bucket - i + BUCKETS) * BUCKET_MS - now;
    return 0;
  }
}

export type Verdict = { allowed: true } | { allowed: false; why: "rate" | "concurrency"; retryInMs: number };

/** Admission of one operation. A refused request costs nothing of the window, as with a token bucket. */
export class Gate {
  readonly #window = new Window();
  #inFlight = 0;

  constructor(private readonly limit: Limit) {}

  enter(now: number): Verdict {
    if (this.#inFlight >= this.limit.concurrent)
      return { allowed: false, why: "concurrency", retryInMs: 100 };
    if (this.#window.sum(now) >= this.limit.perWindow)
      return { allowed: false, why: "rate", retryInMs: this.#window.freesInMs(now) };
    this.#window.add(now);
    this.#inFlight++;
    return { allowed: true };
  }

  leave(): void {
    this.#inFlight--;
  }
}
