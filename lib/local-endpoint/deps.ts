import { type Db, db } from "@/lib/db/client";
import { type RateLimit, rateLimit } from "@/lib/local-endpoint/rate-limit";
import { type WakeHub, wakeHub } from "@/lib/local-endpoint/wake";
import type { Envelope } from "@/lib/secrets/envelope";
import { vault } from "@/lib/secrets/vault";

/** What the HTTP face reaches outside with. Functions, because nothing may open a database before the first request. */
export type LocalEndpointDeps = {
  db: () => Db;
  hub: () => WakeHub;
  vault: () => Envelope;
  limit: () => RateLimit;
};

export const defaultDeps: LocalEndpointDeps = { db, hub: wakeHub, vault, limit: rateLimit };
