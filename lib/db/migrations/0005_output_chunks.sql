CREATE TABLE "job_output_draft" (
	"output_id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "job_output_chunk" DROP CONSTRAINT "job_output_chunk_job_id_seq_pk";--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "output_id" uuid;--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "output_limit_bytes" bigint;--> statement-breakpoint
-- What is stored so far is whole, one output per job: the job's id names it.
ALTER TABLE "job_output_chunk" ADD COLUMN "output_id" uuid;--> statement-breakpoint
UPDATE "job_output_chunk" SET "output_id" = "job_id";--> statement-breakpoint
UPDATE "job" SET "output_id" = "id" WHERE "output_state" = 'stored';--> statement-breakpoint
ALTER TABLE "job_output_chunk" ALTER COLUMN "output_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "job_output_chunk" ADD CONSTRAINT "job_output_chunk_output_id_seq_pk" PRIMARY KEY("output_id","seq");--> statement-breakpoint
ALTER TABLE "job_output_draft" ADD CONSTRAINT "job_output_draft_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."job"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "job_output_chunk_job_id_idx" ON "job_output_chunk" USING btree ("job_id");