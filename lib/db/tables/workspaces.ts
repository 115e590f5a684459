import { bigint, index, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { user } from "@/lib/db/tables/auth";

const at = (name: string) => timestamp(name, { withTimezone: true });

export const workspace = pgTable("workspace", {
  id: uuid("id").primaryKey(),
  slug: text("slug").notNull().unique(),
  name: text("name").notNull(),
  /**
   * Monotonic change counter. A transaction that changes a job bumps it first and holds the row until commit, so a
   * reader that has seen rev n has seen every change up to n.
   */
  rev: bigint("rev", { mode: "number" }).notNull().default(0),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const member = pgTable(
  "member",
  {
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspace.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    role: text("role").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.userId] }), index("member_user_id_idx").on(t.userId)],
);

export const invite = pgTable(
  "invite",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspace.id, { onDelete: "cascade" }),
    role: text("role").notNull(),
    /** Who it is meant for, as a reminder to the inviter; the link itself is what admits. */
    note: text("note").notNull().default(""),
    tokenHash: text("token_hash").notNull().unique(),
    createdBy: text("created_by").references(() => user.id, { onDelete: "set null" }),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
    usedBy: text("used_by").references(() => user.id, { onDelete: "set null" }),
    revokedAt: at("revoked_at"),
  },
  (t) => [index("invite_workspace_id_idx").on(t.workspaceId)],
);
