CREATE TABLE "request_draft" (
	"workspace_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"slot" text NOT NULL,
	"sealed" text NOT NULL,
	"version" integer NOT NULL,
	"saved_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "request_draft_workspace_id_user_id_slot_pk" PRIMARY KEY("workspace_id","user_id","slot")
);
--> statement-breakpoint
ALTER TABLE "request_draft" ADD CONSTRAINT "request_draft_workspace_id_workspace_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspace"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "request_draft" ADD CONSTRAINT "request_draft_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;