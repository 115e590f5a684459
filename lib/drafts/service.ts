import { and, desc, eq, notLike, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Context } from "@/lib/auth/context";
import { db, type Tx } from "@/lib/db/client";
import { requestDraft } from "@/lib/db/tables/drafts";
import {
  type Draft,
  type DraftContent,
  draftContentSchema,
  type SavedDraft,
  type saveDraftSchema,
} from "@/lib/drafts/schema";
import { vault } from "@/lib/secrets/vault";

type Row = typeof requestDraft.$inferSelect;

/** Per person and workspace; beyond it the oldest go. */
const KEPT = 50;

const place = (ctx: Context, slot: string) => ({
  workspaceId: ctx.workspace.id,
  kind: "request-draft",
  rowId: `${ctx.person.id}|${slot}`,
});
const mine = (ctx: Context) =>
  and(eq(requestDraft.workspaceId, ctx.workspace.id), eq(requestDraft.userId, ctx.person.id));

/** @returns null for a draft of a form that this version no longer knows: it is as good as none. */
function open(ctx: Context, row: Pick<Row, "slot" | "sealed">): DraftContent | null {
  const parsed = draftContentSchema.safeParse(JSON.parse(vault().open(row.sealed, place(ctx, row.slot))));
  return parsed.data ?? null;
}

function toDraft(ctx: Context, row: Row | undefined): Draft | null {
  const content = row && open(ctx, row);
  return content ? { content, version: row.version, savedAt: row.savedAt.toISOString() } : null;
}

/** Keep what a person is writing. The newest wins; what it replaced unseen comes back, so that nothing is lost. */
export async function saveDraft(
  ctx: Context,
  { slot, basedOn, content }: z.output<typeof saveDraftSchema>,
): Promise<SavedDraft> {
  const sealed = vault().seal(JSON.stringify(content), place(ctx, slot));
  return db().transaction(async (tx) => {
    const [before] = await tx
      .select()
      .from(requestDraft)
      .where(and(mine(ctx), eq(requestDraft.slot, slot)))
      .for("update");
    const [row] = await tx
      .insert(requestDraft)
      .values({
        workspaceId: ctx.workspace.id,
        userId: ctx.person.id,
        slot,
        sealed,
        version: basedOn + 1,
      })
      .onConflictDoUpdate({
        target: [requestDraft.workspaceId, requestDraft.userId, requestDraft.slot],
        set: { sealed, version: sql`${requestDraft.version} + 1`, savedAt: sql`now()` },
      })
      .returning({ version: requestDraft.version, savedAt: requestDraft.savedAt });
    if (!before) await dropOldest(tx, ctx);
    return {
      version: row!.version,
      savedAt: row!.savedAt.toISOString(),
      replaced: before && before.version !== basedOn ? open(ctx, before) : null,
    };
  });
}

async function dropOldest(tx: Tx, ctx: Context): Promise<void> {
  await tx.execute(sql`
    delete from request_draft where workspace_id = ${ctx.workspace.id} and user_id = ${ctx.person.id} and slot in (
      select slot from request_draft where workspace_id = ${ctx.workspace.id} and user_id = ${ctx.person.id}
      order by saved_at desc, slot offset ${KEPT})`);
}

export async function readDraft(ctx: Context, { slot }: { slot: string }): Promise<Draft | null> {
  const [row] = await db()
    .select()
    .from(requestDraft)
    .where(and(mine(ctx), eq(requestDraft.slot, slot)));
  return toDraft(ctx, row);
}

/** What this person wrote last and has not sent, on whatever device. Edits of earlier jobs are found at those jobs. */
export async function readLatestDraft(ctx: Context): Promise<Draft | null> {
  const [row] = await db()
    .select()
    .from(requestDraft)
    .where(and(mine(ctx), notLike(requestDraft.slot, "job:%")))
    .orderBy(desc(requestDraft.savedAt), desc(requestDraft.slot))
    .limit(1);
  return toDraft(ctx, row);
}

/** It was sent, or is not wanted any more. */
export async function clearDraft(ctx: Context, { slot }: { slot: string }): Promise<null> {
  await db()
    .delete(requestDraft)
    .where(and(mine(ctx), eq(requestDraft.slot, slot)));
  return null;
}
