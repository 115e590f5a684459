import { sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { type LimitedOperation, RATE_LIMITS, RATE_WINDOW_MS } from "@/lib/requests/limits";

/**
 * Token buckets in the database, so that all collectors together stay within the provider's limit. A 429 halves the
 * rate, which then grows back by a thirtieth of the full rate per second.
 */

/**
 * Below the provider's rate, so that the bucket's burst on top of it still fits one window: for 2000 per 10 s,
 * 190/s × 10 s + 100.
 */
const RATE_SHARE = 0.95;
const BURST_SHARE = 0.05;
const RECOVERY_SECONDS = 30;
/** Some requests get through however hard the provider throttles. */
const MIN_RATE_PER_SECOND = 1;
/** How long a bucket of the count of granted tokens is: what {@link readBudgets} smooths over. */
const COUNT_SECONDS = 5;
/** One storm of 429s is one signal. */
const THROTTLE_DEBOUNCE_SECONDS = 1;

export type BudgetKey = { credentialFingerprint: string; upstreamId: string; operation: LimitedOperation };

/** The number of the present bucket, since 1970. */
const BUCKET_NOW = sql`floor(extract(epoch from clock_timestamp()) / ${sql.raw(String(COUNT_SECONDS))})::bigint`;

const keyOf = (key: BudgetKey) => `${key.credentialFingerprint}:${key.upstreamId}:${key.operation}`;

export function fullRate(operation: LimitedOperation): { ratePerSecond: number; burst: number } {
  const { perWindow } = RATE_LIMITS[operation];
  return {
    ratePerSecond: (perWindow / (RATE_WINDOW_MS / 1000)) * RATE_SHARE,
    burst: Math.max(1, perWindow * BURST_SHARE),
  };
}

/**
 * Take up to `want` whole tokens. One statement, so concurrent collectors never hand out the same token.
 * @returns tokens granted, and the present rate for planning.
 */
export async function takeTokens(
  db: Db,
  key: BudgetKey,
  want: number,
): Promise<{ granted: number; ratePerSecond: number }> {
  const { ratePerSecond, burst } = fullRate(key.operation);
  const id = keyOf(key);
  const result = await db.execute<{ granted: number; rate: number }>(sql`
    with now as (select clock_timestamp() as at, ${BUCKET_NOW} as bucket),
    bucket as (
      select b.key,
        least(${ratePerSecond}, b.rate_per_second + greatest(0, extract(epoch from now.at - b.refilled_at)) * ${ratePerSecond / RECOVERY_SECONDS}) as rate,
        case when b.paused_until > now.at then 0
          else least(${burst}, b.tokens + b.rate_per_second
            * greatest(0, extract(epoch from now.at - greatest(b.refilled_at, b.paused_until)))) end as available,
        now.bucket,
        case when b.bucket = now.bucket then b.taken else 0 end as taken,
        case when b.bucket = now.bucket then b.taken_before when b.bucket = now.bucket - 1 then b.taken else 0 end as taken_before
      from rate_budget b, now where b.key = ${id} for update of b
    )
    update rate_budget b set
      tokens = bucket.available - least(${want}, floor(bucket.available)),
      rate_per_second = bucket.rate,
      refilled_at = greatest(b.refilled_at, (select at from now)),
      bucket = bucket.bucket,
      taken = bucket.taken + least(${want}, floor(bucket.available))::int,
      taken_before = bucket.taken_before
    from bucket where b.key = bucket.key
    returning least(${want}, floor(bucket.available))::int as granted, bucket.rate::float8 as rate`);
  const row = result.rows[0];
  if (row) return { granted: row.granted, ratePerSecond: Number(row.rate) };
  await db.execute(sql`
    insert into rate_budget (key, tokens, rate_per_second, refilled_at)
    values (${id}, ${burst}, ${ratePerSecond}, clock_timestamp()) on conflict do nothing`);
  return takeTokens(db, key, want);
}

/** How long nothing is asked after a 429: what the provider said, or a second; with jitter. Milliseconds. */
export const pauseAfterThrottle = (retryAfterMs: number | null, random: () => number = Math.random): number =>
  (retryAfterMs ?? 1000) + random() * 500;

/** The provider said 429: halve the rate and hand nothing out for `pauseMs`. */
export async function slowDown(db: Db, key: BudgetKey, pauseMs: number): Promise<void> {
  await db.execute(sql`
    update rate_budget set
      rate_per_second = case when ${isNewStorm} then greatest(${MIN_RATE_PER_SECOND}, rate_per_second / 2) else rate_per_second end,
      tokens = 0,
      refilled_at = clock_timestamp(),
      throttled_at = case when ${isNewStorm} then clock_timestamp() else throttled_at end,
      paused_until = greatest(paused_until, clock_timestamp() + ${pauseMs} * interval '1 millisecond')
    where key = ${keyOf(key)}`);
}

const isNewStorm = sql`(throttled_at is null
  or throttled_at < clock_timestamp() - ${sql.raw(String(THROTTLE_DEBOUNCE_SECONDS))} * interval '1 second')`;

export type BudgetReading = {
  operation: LimitedOperation;
  /** Requests per second lately, of all processes together. */
  perSecond: number;
  /** What may be asked at present, at most `fullPerSecond`. */
  allowedPerSecond: number;
  fullPerSecond: number;
  /** The provider's own limit. */
  limitPerSecond: number;
  /** Nothing is asked until then: the provider said 429. */
  pausedUntil: Date | null;
  /** When the rate is full again, should no further 429 come. Null when it is. */
  slowedUntil: Date | null;
};

/**
 * What is asked of one endpoint with one key, and what may be. The rate is counted in buckets of some seconds: all of the
 * present one and the part of the last one that is not older than a bucket.
 */
export async function readBudgets(
  db: Db,
  key: Omit<BudgetKey, "operation">,
  operations: readonly LimitedOperation[],
): Promise<BudgetReading[]> {
  const keys = operations.map((operation) => keyOf({ ...key, operation }));
  const { rows } = await db.execute<{
    key: string;
    per_second: number;
    rate: number;
    idle: number;
    now: string;
    paused_until: string | null;
  }>(sql`
    with now as (select clock_timestamp() as at, ${BUCKET_NOW} as bucket,
      extract(epoch from clock_timestamp())::float8 / ${COUNT_SECONDS} as place)
    select b.key, now.at::text as now, b.rate_per_second as rate,
      greatest(0, extract(epoch from now.at - b.refilled_at))::float8 as idle,
      case when b.paused_until > now.at then b.paused_until::text end as paused_until,
      (case b.bucket
        when now.bucket then b.taken + b.taken_before * (1 - (now.place - now.bucket))
        when now.bucket - 1 then b.taken * (1 - (now.place - now.bucket))
        else 0 end / ${COUNT_SECONDS})::float8 as per_second
    from rate_budget b, now where b.key = any(${sql.param(keys)}::text[])`);
  return operations.map((operation, i) => {
    const { ratePerSecond: fullPerSecond } = fullRate(operation);
    const limitPerSecond = RATE_LIMITS[operation].perWindow / (RATE_WINDOW_MS / 1000);
    const row = rows.find((found) => found.key === keys[i]);
    const step = fullPerSecond / RECOVERY_SECONDS;
    const allowedPerSecond = row ? Math.min(fullPerSecond, row.rate + row.idle * step) : fullPerSecond;
    const missing = fullPerSecond - allowedPerSecond;
    return {
      operation,
      perSecond: row?.per_second ?? 0,
      allowedPerSecond,
      fullPerSecond,
      limitPerSecond,
      pausedUntil: row?.paused_until ? new Date(row.paused_until) : null,
      slowedUntil: row && missing > 0.001 ? new Date(Date.parse(row.now) + (missing / step) * 1000) : null,
    };
  });
}
