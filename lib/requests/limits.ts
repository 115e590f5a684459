/** The provider's limits, as `product.md` names them. Times in milliseconds, sizes in bytes. */
export const RUN_BODY_MAX_BYTES = 10 * 1024 * 1024;
export const RUNSYNC_BODY_MAX_BYTES = 20 * 1024 * 1024;
export const STREAM_CHUNK_MAX_BYTES = 1024 * 1024;

const DAY_MS = 24 * 3600 * 1000;
export const EXECUTION_TIMEOUT_MS = { min: 5_000, max: 7 * DAY_MS, default: DAY_MS } as const;
export const TTL_MS = { min: 10_000, max: 7 * DAY_MS, default: DAY_MS } as const;

/** How long the provider keeps a finished job's result. */
export const RETENTION_MS = { run: 30 * 60_000, runsync: 60_000 } as const;

/** Requests per 10 s window and at once, per endpoint and key. */
export const RATE_LIMITS = {
  run: { perWindow: 1000, concurrent: 200 },
  runsync: { perWindow: 2000, concurrent: 400 },
  status: { perWindow: 2000, concurrent: 400 },
  cancel: { perWindow: 100, concurrent: 20 },
  "purge-queue": { perWindow: 2, concurrent: 2 },
  requests: { perWindow: 10, concurrent: 2 },
} as const;
export const RATE_WINDOW_MS = 10_000;
export type LimitedOperation = keyof typeof RATE_LIMITS;
