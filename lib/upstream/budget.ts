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
/** One storm of 429s is one signal. */
const THROTTLE_DEBOUNCE_SECONDS = 1;

export type BudgetKey = { credentialFingerprint: string; upstreamId: string; operation: LimitedOperation };

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
    with now as (select clock_timestamp() as at),
    bucket as (
      select b.key,
        least(${ratePerSecond}, b.rate_per_second + greatest(0, extract(epoch from now.at - b.refilled_at)) * ${ratePerSecond / RECOVERY_SECONDS}) as rate,
        case when b.paused_until > now.at then 0
          else least(${burst}, b.tokens + b.rate_per_second
            * greatest(0, extract(epoch from now.at - greatest(b.refilled_at, b.paused_until)))) end as available
      from rate_budget b, now where b.key = ${id} for update of b
    )
    update rate_budget b set
      tokens = bucket.available - least(${want}, floor(bucket.available)),
      rate_per_second = bucket.rate,
      refilled_at = greatest(b.refilled_at, (select at from now))
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
      rate_per_second = greatest(${MIN_RATE_PER_SECOND}, rate_per_second / 2),
      tokens = 0,
      refilled_at = clock_timestamp(),
      throttled_at = clock_timestamp(),
      paused_until = greatest(paused_until, clock_timestamp() + ${pauseMs} * interval '1 millisecond')
    where key = ${keyOf(key)} and (throttled_at is null
      or throttled_at < clock_timestamp() - ${THROTTLE_DEBOUNCE_SECONDS} * interval '1 second')`);
}
