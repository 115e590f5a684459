CREATE TABLE "endpoint_circuit" (
	"workspace_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"operation" text NOT NULL,
	"failures" integer DEFAULT 1 NOT NULL,
	"last_failure_at" timestamp with time zone DEFAULT now() NOT NULL,
	"words" text NOT NULL,
	"opened_at" timestamp with time zone,
	"pauses" integer DEFAULT 0 NOT NULL,
	"retry_at" timestamp with time zone,
	"probe_until" timestamp with time zone,
	CONSTRAINT "endpoint_circuit_endpoint_id_operation_pk" PRIMARY KEY("endpoint_id","operation")
);
--> statement-breakpoint
ALTER TABLE "rate_budget" ADD COLUMN "bucket" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rate_budget" ADD COLUMN "taken" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rate_budget" ADD COLUMN "taken_before" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoint_circuit" ADD CONSTRAINT "endpoint_circuit_endpoint_id_endpoint_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoint"("id") ON DELETE cascade ON UPDATE no action;