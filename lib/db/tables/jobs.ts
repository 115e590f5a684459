import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { user } from "@/lib/db/tables/auth";
import { endpoint } from "@/lib/db/tables/endpoints";
import { workspace } from "@/lib/db/tables/workspaces";

const at = (name: string) => timestamp(name, { withTimezone: true });
const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** Many requests submitted at once: journaled together, sent by the collector at the governed rate. */
export const batch = pgTable(
  "batch",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspace.id, { onDelete: "cascade" }),
    endpointId: uuid("endpoint_id")
      .notNull()
      .references(() => endpoint.id),
    clientKey: uuid("client_key").notNull(),
    /** SHA-256 over all payload hashes: the same client key with other requests is a conflict. */
    payloadHash: text("payload_hash").notNull(),
    name: text("name").notNull(),
    total: integer("total").notNull(),
    /** running | paused | stopped: whether its unsent jobs may be sent. */
    state: text("state").notNull().default("running"),
    /** Pause by itself after this many failed jobs. */
    pauseAfterFailures: integer("pause_after_failures"),
    createdBy: text("created_by").references(() => user.id, { onDelete: "set null" }),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("batch_workspace_client_key_idx").on(t.workspaceId, t.clientKey),
    index("batch_failing_idx").on(t.id).where(sql`state = 'running' and pause_after_failures is not null`),
    index("batch_workspace_created_idx").on(t.workspaceId, t.createdAt.desc(), t.id.desc()),
  ],
);

export const job = pgTable(
  "job",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspace.id, { onDelete: "cascade" }),
    endpointId: uuid("endpoint_id")
      .notNull()
      .references(() => endpoint.id),
    /** Made by the client per intent; the same key again is the same job. */
    clientKey: uuid("client_key").notNull(),
    /** A provider word, one of ours, or a word we do not know yet. */
    status: text("status").notNull(),
    upstreamId: text("upstream_id"),
    /** Envelope of the JSON `{body, hookToken}`, AAD `workspace|job-request|job id`. */
    requestSealed: text("request_sealed").notNull(),
    /** SHA-256 of endpoint id and wire body: the same client key with another payload is a conflict. */
    payloadHash: text("payload_hash").notNull(),
    /** First fields of the input, redacted, for lists. */
    inputSummary: text("input_summary").notNull(),
    hookTokenHash: text("hook_token_hash").notNull().unique(),
    executionTimeoutMs: bigint("execution_timeout_ms", { mode: "number" }),
    ttlMs: bigint("ttl_ms", { mode: "number" }),
    lowPriority: boolean("low_priority").notNull().default(false),
    /** We are the provider's webhook receiver and call the person's own webhook ourselves. */
    relayWebhook: boolean("relay_webhook").notNull().default(false),
    /** Null when a program or a deleted person sent it. */
    createdBy: text("created_by").references(() => user.id, { onDelete: "set null" }),
    /** The job this one was run again from. */
    originJobId: uuid("origin_job_id"),
    batchId: uuid("batch_id").references(() => batch.id),
    /** Place within its batch, from 0. */
    batchIndex: integer("batch_index"),
    error: text("error"),
    workerId: text("worker_id"),
    retries: integer("retries").notNull().default(0),
    delayMs: bigint("delay_ms", { mode: "number" }),
    executionMs: bigint("execution_ms", { mode: "number" }),
    /** Latest progress value, as the provider spelled it; at most 64 kB, else a notice. */
    progress: text("progress"),
    createdAt: at("created_at").notNull().defaultNow(),
    /**
     * Set and committed before the first byte of `/run` may leave; taken back only when it is certain that none did.
     * Whoever sets it from null is the only sender.
     */
    sendStartedAt: at("send_started_at"),
    /** Nonce of the send that set the mark: its maker recognises its own mark after a lost commit reply. */
    sendNonce: uuid("send_nonce"),
    sendAttempts: integer("send_attempts").notNull().default(0),
    queuedAt: at("queued_at"),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
    /** When the status was last seen upstream (database clock). */
    observedAt: at("observed_at"),
    cancelRequestedAt: at("cancel_requested_at"),
    outputBytes: bigint("output_bytes", { mode: "number" }),
    /** none | stored | too_large */
    outputState: text("output_state").notNull().default("none"),
    /** Which chunks are the output: those of any other output id are drafts, and nobody reads them. */
    outputId: uuid("output_id"),
    /** The limit that a `too_large` output was over, when it came. */
    outputLimitBytes: bigint("output_limit_bytes", { mode: "number" }),
    rev: bigint("rev", { mode: "number" }).notNull(),
  },
  (t) => [
    uniqueIndex("job_workspace_client_key_idx").on(t.workspaceId, t.clientKey),
    uniqueIndex("job_endpoint_upstream_id_idx").on(t.endpointId, t.upstreamId),
    index("job_workspace_created_idx").on(t.workspaceId, t.createdAt.desc(), t.id.desc()),
    index("job_workspace_status_created_idx").on(t.workspaceId, t.status, t.createdAt.desc(), t.id.desc()),
    index("job_workspace_endpoint_created_idx").on(
      t.workspaceId,
      t.endpointId,
      t.createdAt.desc(),
      t.id.desc(),
    ),
    uniqueIndex("job_batch_idx").on(t.batchId, t.batchIndex).where(sql`batch_id is not null`),
    index("job_workspace_rev_idx").on(t.workspaceId, t.rev),
  ],
);

/**
 * What the collector must still do for a job: the hot, often-updated half, so that polling neither rewrites wide rows
 * nor stamps revs. The row goes when the job is over.
 */
export const jobWatch = pgTable(
  "job_watch",
  {
    jobId: uuid("job_id")
      .primaryKey()
      .references(() => job.id, { onDelete: "cascade" }),
    workspaceId: uuid("workspace_id").notNull(),
    endpointId: uuid("endpoint_id").notNull(),
    /** send: not acknowledged · queue: IN_QUEUE upstream · run: any other live word · heal: UNCONFIRMED with a hint */
    phase: text("phase").notNull(),
    /** FIFO position: when the provider acknowledged it (phase send: when it was journaled). */
    queuedAt: at("queued_at").notNull().defaultNow(),
    nextPollAt: at("next_poll_at").notNull().defaultNow(),
    lastPolledAt: at("last_polled_at"),
    /** Latest poll that upstream answered with the job. */
    lastSeenAt: at("last_seen_at"),
    leaseOwner: uuid("lease_owner"),
    leaseUntil: at("lease_until"),
    /** Grows with every claim; a write with an older fence is refused. */
    fence: bigint("fence", { mode: "number" }).notNull().default(0),
    /** Its batch is paused: not to be sent. */
    held: boolean("held").notNull().default(false),
    /** First and number of consecutive 404s. */
    missingSince: at("missing_since"),
    misses: integer("misses").notNull().default(0),
    /** Upstream id named by a webhook before the send was acknowledged: a hint, verified by our own fetch. */
    hintUpstreamId: text("hint_upstream_id"),
    /** One reader at a time may drain the provider's stream: each piece is handed out once. */
    streamLeaseUntil: at("stream_lease_until"),
  },
  (t) => [
    index("job_watch_endpoint_phase_queued_idx").on(t.endpointId, t.phase, t.queuedAt),
    index("job_watch_endpoint_phase_next_idx").on(t.endpointId, t.phase, t.nextPollAt),
  ],
);

export const jobEvent = pgTable(
  "job_event",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    workspaceId: uuid("workspace_id").notNull(),
    jobId: uuid("job_id")
      .notNull()
      .references(() => job.id, { onDelete: "cascade" }),
    at: at("at").notNull().defaultNow(),
    kind: text("kind").notNull(),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index("job_event_job_id_idx").on(t.jobId, t.id)],
);

/**
 * The output exactly as the provider spelled it, in chunks so that no list and no parser ever meets the whole. They are
 * the job's output once `job.output_id` names them.
 */
export const jobOutputChunk = pgTable(
  "job_output_chunk",
  {
    workspaceId: uuid("workspace_id").notNull(),
    jobId: uuid("job_id")
      .notNull()
      .references(() => job.id, { onDelete: "cascade" }),
    outputId: uuid("output_id").notNull(),
    seq: integer("seq").notNull(),
    data: bytea("data").notNull(),
  },
  (t) => [primaryKey({ columns: [t.outputId, t.seq] }), index("job_output_chunk_job_id_idx").on(t.jobId)],
);

/** An output that is being stored while it arrives. The row goes when the job takes the output, or when it is dropped. */
export const jobOutputDraft = pgTable("job_output_draft", {
  outputId: uuid("output_id").primaryKey(),
  workspaceId: uuid("workspace_id").notNull(),
  jobId: uuid("job_id")
    .notNull()
    .references(() => job.id, { onDelete: "cascade" }),
  startedAt: at("started_at").notNull().defaultNow(),
});

/** Pieces of a streamed output, drained from the provider once and kept for every reader. */
export const jobStreamChunk = pgTable(
  "job_stream_chunk",
  {
    workspaceId: uuid("workspace_id").notNull(),
    jobId: uuid("job_id")
      .notNull()
      .references(() => job.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    /** JSON text of one yielded value. */
    data: text("data").notNull(),
    at: at("at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.seq] })],
);

/** Jobs per workspace, endpoint and status, maintained by triggers on `job` (see the migration). */
export const jobCounter = pgTable(
  "job_counter",
  {
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspace.id, { onDelete: "cascade" }),
    endpointId: uuid("endpoint_id").notNull(),
    status: text("status").notNull(),
    count: bigint("count", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.endpointId, t.status] })],
);

/** Webhook calls that came in on a job's token. */
export const webhookReceipt = pgTable(
  "webhook_receipt",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    workspaceId: uuid("workspace_id").notNull(),
    jobId: uuid("job_id")
      .notNull()
      .references(() => job.id, { onDelete: "cascade" }),
    receivedAt: at("received_at").notNull().defaultNow(),
    claimedStatus: text("claimed_status"),
    claimedUpstreamId: text("claimed_upstream_id"),
    bytes: integer("bytes").notNull(),
  },
  (t) => [index("webhook_receipt_job_id_idx").on(t.jobId)],
);

/** The user's own webhook, called by us when the job is over (only when a public URL made us the provider's receiver). */
export const webhookDelivery = pgTable(
  "webhook_delivery",
  {
    jobId: uuid("job_id")
      .primaryKey()
      .references(() => job.id, { onDelete: "cascade" }),
    workspaceId: uuid("workspace_id").notNull(),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: at("next_attempt_at").notNull().defaultNow(),
    leaseUntil: at("lease_until"),
    deliveredAt: at("delivered_at"),
    gaveUpAt: at("gave_up_at"),
    lastStatus: integer("last_status"),
    lastError: text("last_error"),
  },
  (t) => [
    index("webhook_delivery_due_idx")
      .on(t.nextAttemptAt)
      .where(sql`delivered_at is null and gave_up_at is null`),
  ],
);
