import { integer, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { user } from "@/lib/db/tables/auth";
import { workspace } from "@/lib/db/tables/workspaces";

/** A request that a person is writing and has not sent: one per endpoint, and one per job that is being edited. */
export const requestDraft = pgTable(
  "request_draft",
  {
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspace.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    /** An endpoint's id, `job:` and the id of the job that is edited, or `none` while no endpoint is chosen. */
    slot: text("slot").notNull(),
    /** Envelope of the draft as JSON, AAD `workspace|request-draft|user|slot`. */
    sealed: text("sealed").notNull(),
    /** Grows with every save: who saves over a version that they did not see is told. */
    version: integer("version").notNull(),
    savedAt: timestamp("saved_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.userId, t.slot] })],
);
