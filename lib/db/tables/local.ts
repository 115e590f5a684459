import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { workspace } from "@/lib/db/tables/workspaces";

const at = (name: string) => timestamp(name, { withTimezone: true });

/** An endpoint that Jobdeck itself serves under `/local/v2/{name}`. */
export const localEndpoint = pgTable(
  "local_endpoint",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspace.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** sample-text | sample-image | null when only outside workers attach */
    handler: text("handler"),
    apiKeyHash: text("api_key_hash").notNull().unique(),
    workerKeyHash: text("worker_key_hash").notNull().unique(),
    /** Envelope, AAD `workspace|local-worker-key|local endpoint id`: the pool hands it to the workers it spawns. */
    workerKeySealed: text("worker_key_sealed").notNull(),
    maxWorkers: integer("max_workers").notNull().default(1),
    idleTimeoutMs: integer("idle_timeout_ms").notNull().default(30_000),
    /** Counters of `/health`, cumulative. */
    completed: bigint("completed", { mode: "number" }).notNull().default(0),
    failed: bigint("failed", { mode: "number" }).notNull().default(0),
    retried: bigint("retried", { mode: "number" }).notNull().default(0),
    poolOwner: uuid("pool_owner"),
    poolLeaseUntil: at("pool_lease_until"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [uniqueIndex("local_endpoint_workspace_name_idx").on(t.workspaceId, t.name)],
);

export const localJob = pgTable(
  "local_job",
  {
    id: text("id").primaryKey(),
    workspaceId: uuid("workspace_id").notNull(),
    localEndpointId: uuid("local_endpoint_id")
      .notNull()
      .references(() => localEndpoint.id, { onDelete: "cascade" }),
    status: text("status").notNull(),
    sync: boolean("sync").notNull().default(false),
    lowPriority: boolean("low_priority").notNull().default(false),
    /** Envelope of the request body (it may carry `s3Config`), AAD `workspace|local-job|job id`. */
    requestSealed: text("request_sealed").notNull(),
    executionTimeoutMs: bigint("execution_timeout_ms", { mode: "number" }).notNull(),
    output: text("output"),
    error: text("error"),
    workerId: text("worker_id"),
    retries: integer("retries").notNull().default(0),
    createdAt: at("created_at").notNull().defaultNow(),
    queuedAt: at("queued_at").notNull().defaultNow(),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
    /** Last sign that a worker has this job: its take, a ping that names it, progress, a chunk. */
    heartbeatAt: at("heartbeat_at"),
    /** The worker still has to be told to give this job up. */
    stopPending: boolean("stop_pending").notNull().default(false),
    /** It was ended under its worker, which has not been seen to let go of it. */
    takenBack: boolean("taken_back").notNull().default(false),
    /** How many chunks it has streamed, read ones included. */
    chunkSeq: integer("chunk_seq").notNull().default(0),
    /** ttl counted from submit; after it the job is gone whatever its state. */
    expiresAt: at("expires_at").notNull(),
    /** Retention: set when the job is over. */
    deleteAt: at("delete_at"),
    hasWebhook: boolean("has_webhook").notNull().default(false),
    webhookAttempts: integer("webhook_attempts").notNull().default(0),
    webhookNextAt: at("webhook_next_at"),
  },
  (t) => [
    index("local_job_queue_idx").on(t.localEndpointId, t.status, t.lowPriority, t.queuedAt),
    index("local_job_expires_idx").on(t.expiresAt),
    index("local_job_delete_idx").on(t.deleteAt),
    index("local_job_webhook_idx").on(t.webhookNextAt),
    index("local_job_running_idx").on(t.localEndpointId, t.workerId).where(sql`status = 'IN_PROGRESS'`),
    index("local_job_stop_idx").on(t.localEndpointId, t.workerId).where(sql`stop_pending`),
    index("local_job_taken_back_idx").on(t.localEndpointId, t.workerId).where(sql`taken_back`),
  ],
);

export const localJobChunk = pgTable(
  "local_job_chunk",
  {
    workspaceId: uuid("workspace_id").notNull(),
    jobId: text("job_id")
      .notNull()
      .references(() => localJob.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    data: text("data").notNull(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.seq] })],
);

export const localWorker = pgTable(
  "local_worker",
  {
    id: text("id").notNull(),
    workspaceId: uuid("workspace_id").notNull(),
    localEndpointId: uuid("local_endpoint_id")
      .notNull()
      .references(() => localEndpoint.id, { onDelete: "cascade" }),
    /** The collector that spawned it; null for workers that attached from outside. */
    spawnedBy: uuid("spawned_by"),
    /** Ids of the jobs that its last ping named, separated by commas. */
    runningJobs: text("running_jobs").notNull().default(""),
    startedAt: at("started_at").notNull().defaultNow(),
    /** Null while a spawned worker has not said a word yet: it is initializing. */
    firstSeenAt: at("first_seen_at"),
    /** Set before a worker is ended: it is given no more jobs. */
    drainingAt: at("draining_at"),
    lastSeenAt: at("last_seen_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.localEndpointId, t.id] })],
);
