CREATE TABLE "batch" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"client_key" uuid NOT NULL,
	"payload_hash" text NOT NULL,
	"name" text NOT NULL,
	"total" integer NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"pause_after_failures" integer,
	"created_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "batch_id" uuid;--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "batch_index" integer;--> statement-breakpoint
ALTER TABLE "job_watch" ADD COLUMN "held" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "batch" ADD CONSTRAINT "batch_workspace_id_workspace_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspace"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch" ADD CONSTRAINT "batch_endpoint_id_endpoint_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoint"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch" ADD CONSTRAINT "batch_created_by_user_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."user"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "batch_workspace_client_key_idx" ON "batch" USING btree ("workspace_id","client_key");--> statement-breakpoint
CREATE INDEX "batch_failing_idx" ON "batch" USING btree ("id") WHERE state = 'running' and pause_after_failures is not null;--> statement-breakpoint
CREATE INDEX "batch_workspace_created_idx" ON "batch" USING btree ("workspace_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "job" ADD CONSTRAINT "job_batch_id_batch_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."batch"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "job_batch_idx" ON "job" USING btree ("batch_id","batch_index") WHERE batch_id is not null;