ALTER TABLE "local_job" ADD COLUMN "chunk_seq" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "local_job" ADD COLUMN "has_webhook" boolean DEFAULT false NOT NULL;