import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { workspace } from "@/lib/db/tables/workspaces";

const at = (name: string) => timestamp(name, { withTimezone: true });

export const endpoint = pgTable(
  "endpoint",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspace.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** runpod | custom | local */
    kind: text("kind").notNull(),
    /** Only for `custom`: everything before `/{upstreamId}`. */
    baseUrl: text("base_url"),
    upstreamId: text("upstream_id").notNull(),
    /** Envelope, AAD `workspace|endpoint-api-key|endpoint id`. */
    apiKeySealed: text("api_key_sealed").notNull(),
    apiKeyLast4: text("api_key_last4").notNull(),
    /** Keyed fingerprint of the API key: endpoints that share a key share its rate budget. */
    credentialFingerprint: text("credential_fingerprint").notNull(),
    /** Set when the provider refused our key: nothing is sent or polled until a person resumes it. */
    pausedAt: at("paused_at"),
    pausedReason: text("paused_reason"),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** Removed endpoints stay for their jobs' sake; their key is wiped. */
    removedAt: at("removed_at"),
  },
  (t) => [
    index("endpoint_workspace_id_idx").on(t.workspaceId),
    uniqueIndex("endpoint_workspace_name_idx").on(t.workspaceId, t.name).where(sql`removed_at is null`),
  ],
);

/**
 * Failures in a row of one operation at one endpoint, counted by all processes together. Without trouble there is no row.
 * Once `openedAt` is set nobody asks before `retryAt`, and then one of us at a time.
 */
export const endpointCircuit = pgTable(
  "endpoint_circuit",
  {
    workspaceId: uuid("workspace_id").notNull(),
    endpointId: uuid("endpoint_id")
      .notNull()
      .references(() => endpoint.id, { onDelete: "cascade" }),
    /** run | status */
    operation: text("operation").notNull(),
    failures: integer("failures").notNull().default(1),
    lastFailureAt: at("last_failure_at").notNull().defaultNow(),
    /** What the last failure said. */
    words: text("words").notNull(),
    openedAt: at("opened_at"),
    /** Pauses so far: each is longer than the one before. */
    pauses: integer("pauses").notNull().default(0),
    retryAt: at("retry_at"),
    /** Somebody is asking once at this moment. */
    probeUntil: at("probe_until"),
  },
  (t) => [primaryKey({ columns: [t.endpointId, t.operation] })],
);
