ALTER TABLE "local_job" ADD COLUMN "heartbeat_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "local_job" ADD COLUMN "stop_pending" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "local_worker" ADD COLUMN "running_jobs" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "local_worker" ADD COLUMN "first_seen_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "local_worker" ADD COLUMN "draining_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "local_job_running_idx" ON "local_job" USING btree ("local_endpoint_id","worker_id") WHERE status = 'IN_PROGRESS';--> statement-breakpoint
CREATE INDEX "local_job_stop_idx" ON "local_job" USING btree ("local_endpoint_id","worker_id") WHERE stop_pending;