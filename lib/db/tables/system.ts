import { bigint, doublePrecision, integer, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

const at = (name: string) => timestamp(name, { withTimezone: true });

/** Facts about this installation: the setup token's hash, the secret key's fingerprint. */
export const install = pgTable("install", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});

/** One row per live process; readiness asks for a fresh collector. */
export const process = pgTable("process", {
  id: uuid("id").primaryKey(),
  role: text("role").notNull(),
  host: text("host").notNull(),
  pid: integer("pid").notNull(),
  startedAt: at("started_at").notNull().defaultNow(),
  heartbeatAt: at("heartbeat_at").notNull().defaultNow(),
});

/**
 * Token bucket shared by every process: one row per (credential, endpoint, operation). `key` is
 * `<credential fingerprint>:<upstream endpoint>:<operation>` and holds no secret.
 */
export const rateBudget = pgTable("rate_budget", {
  key: text("key").primaryKey(),
  tokens: doublePrecision("tokens").notNull(),
  /** Present refill, tokens per second: halved by a 429, grown back additively. */
  ratePerSecond: doublePrecision("rate_per_second").notNull(),
  refilledAt: at("refilled_at").notNull(),
  /** Nothing is handed out before this instant (`Retry-After`). */
  pausedUntil: at("paused_until"),
  throttledAt: at("throttled_at"),
  /** Tokens handed out in the present bucket of some seconds, numbered since 1970, and in the one before it. */
  bucket: bigint("bucket", { mode: "number" }).notNull().default(0),
  taken: integer("taken").notNull().default(0),
  takenBefore: integer("taken_before").notNull().default(0),
});
