import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "@/lib/kernel/errors";
import { once } from "@/lib/kernel/once";
import { type LimitedOperation, RATE_LIMITS, RATE_WINDOW_MS } from "@/lib/requests/limits";

type Limits = Record<LimitedOperation, { perWindow: number; concurrent: number }>;

/**
 * The platform's limits per endpoint and operation: so many requests per 10 s, so many at once. Kept in this process's
 * memory, so n web processes admit n times as much; the numbers guard the queue, they are not a quota.
 */
export function createRateLimit(limits: Limits = RATE_LIMITS, windowMs: number = RATE_WINDOW_MS) {
  const windows = new Map(
    Object.entries(limits).map(([operation, { perWindow }]) => [
      operation,
      new RateLimiterMemory({ points: perWindow, duration: windowMs / 1000 }),
    ]),
  );
  const underWay = new Map<string, number>();

  return {
    /**
     * Admit one request; call the returned function when it has been answered.
     * @throws AppError `too_many` with the time after which it may be tried again.
     */
    async enter(endpointId: string, operation: LimitedOperation): Promise<() => void> {
      const key = `${endpointId}:${operation}`;
      const now = underWay.get(key) ?? 0;
      if (now >= limits[operation].concurrent)
        throw new AppError("too_many", `There are already ${now} ${operation} requests under way.`, {
          retryAfterMs: 1000,
        });
      underWay.set(key, now + 1);
      const leave = () => {
        const left = (underWay.get(key) ?? 1) - 1;
        if (left > 0) underWay.set(key, left);
        else underWay.delete(key);
      };
      try {
        await windows.get(operation)!.consume(endpointId);
        return leave;
      } catch (refused) {
        leave();
        if (!(refused instanceof RateLimiterRes)) throw refused;
        throw new AppError(
          "too_many",
          `More than ${limits[operation].perWindow} ${operation} requests in ${windowMs / 1000} s.`,
          { retryAfterMs: refused.msBeforeNext },
        );
      }
    },
  };
}

export type RateLimit = ReturnType<typeof createRateLimit>;
export const rateLimit = (): RateLimit => once("local-rate-limit", () => createRateLimit());
