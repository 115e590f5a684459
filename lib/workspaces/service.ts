import { and, asc, desc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Context, Person } from "@/lib/auth/context";
import { isRole, mayAssign, ROLES, type Role } from "@/lib/auth/permissions";
import { db, type Tx } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { invite, member, workspace } from "@/lib/db/tables/workspaces";
import { env } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { newId, newToken, tokenHash } from "@/lib/kernel/ids";
import { createAccount } from "@/lib/workspaces/accounts";
import type { InviteInfo, InviteRow, MemberRow } from "@/lib/workspaces/schema";

const INVITE_DAYS = 7;

const tooHigh = () => new AppError("forbidden", "You can only give, change or remove roles up to your own.");

export async function listMembers(ctx: Context): Promise<MemberRow[]> {
  const rows = await db()
    .select({ userId: user.id, name: user.name, email: user.email, role: member.role, at: member.createdAt })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(eq(member.workspaceId, ctx.workspace.id))
    .orderBy(asc(member.createdAt), asc(user.id));
  return rows.flatMap(({ at, role, ...row }) =>
    isRole(role) ? [{ ...row, role, joinedAt: at.toISOString() }] : [],
  );
}

const openInvite = () =>
  and(isNull(invite.usedAt), isNull(invite.revokedAt), gt(invite.expiresAt, sql`now()`));

export async function listInvites(ctx: Context): Promise<InviteRow[]> {
  const rows = await db()
    .select({ invite, creator: user.name })
    .from(invite)
    .leftJoin(user, eq(user.id, invite.createdBy))
    .where(and(eq(invite.workspaceId, ctx.workspace.id), openInvite()))
    .orderBy(desc(invite.createdAt));
  return rows.flatMap(({ invite: row, creator }) =>
    isRole(row.role)
      ? [
          {
            id: row.id,
            role: row.role,
            note: row.note,
            createdBy: creator,
            createdAt: row.createdAt.toISOString(),
            expiresAt: row.expiresAt.toISOString(),
          },
        ]
      : [],
  );
}

/** A link that admits one person for 7 days. Its token is shown once: only its hash is stored. */
export async function createInvite(
  ctx: Context,
  input: { role: Role; note: string },
): Promise<{ path: string; url: string | null }> {
  const token = newToken();
  await db().transaction(async (tx) => {
    // Read again under the lock: who is being removed at this moment must not leave a link behind.
    const { role } = await lockMember(tx, ctx, ctx.person.id);
    if (!mayAssign(role, input.role)) throw tooHigh();
    await tx.insert(invite).values({
      id: newId(),
      workspaceId: ctx.workspace.id,
      role: input.role,
      note: input.note,
      tokenHash: tokenHash(token),
      createdBy: ctx.person.id,
      expiresAt: sql`now() + ${INVITE_DAYS} * interval '1 day'`,
    });
  });
  const path = `/invite/${token}`;
  const { publicUrl } = env();
  return { path, url: publicUrl ? `${publicUrl}${path}` : null };
}

export async function revokeInvite(ctx: Context, { id }: { id: string }): Promise<null> {
  const rows = await db()
    .update(invite)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(invite.id, id), eq(invite.workspaceId, ctx.workspace.id), openInvite()))
    .returning({ id: invite.id });
  if (rows.length === 0) throw new AppError("not_found", "This invite is no longer open.");
  return null;
}

export async function inviteInfo(token: string): Promise<InviteInfo> {
  const [row] = await db()
    .select({ role: invite.role, workspaceName: workspace.name })
    .from(invite)
    .innerJoin(workspace, eq(workspace.id, invite.workspaceId))
    .where(and(eq(invite.tokenHash, tokenHash(token)), openInvite()));
  return row && isRole(row.role)
    ? { state: "open", workspaceName: row.workspaceName, role: row.role }
    : { state: "closed" };
}

/**
 * Become a member by an invite link: as the signed-in person, or with a new account. One person per link, in one
 * transaction.
 * @throws AppError `not_found` for a used, revoked or expired link; `conflict` for an address that has an account.
 */
export async function acceptInvite(
  person: Person | null,
  input: { token: string; account?: { name: string; email: string; password: string } },
): Promise<{ slug: string }> {
  return db().transaction(async (tx) => {
    const [row] = await tx
      .select({ id: invite.id, workspaceId: invite.workspaceId, role: invite.role, slug: workspace.slug })
      .from(invite)
      .innerJoin(workspace, eq(workspace.id, invite.workspaceId))
      .where(and(eq(invite.tokenHash, tokenHash(input.token)), openInvite()))
      .for("update", { of: invite });
    if (!row)
      throw new AppError("not_found", "This invite was used, revoked or has expired. Ask for a new link.");
    if (!person && !input.account)
      throw new AppError("unauthenticated", "Sign in or make an account to accept the invite.");
    const userId = person?.id ?? (await createAccount(tx, input.account!));
    const joined = await tx
      .insert(member)
      .values({ workspaceId: row.workspaceId, userId, role: row.role })
      .onConflictDoNothing()
      .returning({ userId: member.userId });
    // A member who opens a link by mistake does not use it up.
    if (joined.length > 0)
      await tx.update(invite).set({ usedAt: sql`now()`, usedBy: userId }).where(eq(invite.id, row.id));
    return { slug: row.slug };
  });
}

/** Locks all members of the workspace, so that two owners cannot demote each other at once. */
async function lockMember(tx: Tx, ctx: Context, userId: string): Promise<{ role: Role; owners: number }> {
  const rows = await tx
    .select({ userId: member.userId, role: member.role })
    .from(member)
    .where(eq(member.workspaceId, ctx.workspace.id))
    .orderBy(member.userId)
    .for("update");
  const found = rows.find((row) => row.userId === userId);
  if (!found || !isRole(found.role))
    throw new AppError("not_found", "This person is not a member of the workspace.");
  return { role: found.role, owners: rows.filter((row) => row.role === "owner").length };
}

/** Links that their maker could not make any more would be a way back in, or up. */
async function closeInvites(tx: Tx, ctx: Context, madeBy: string, roles: readonly Role[]): Promise<void> {
  await tx
    .update(invite)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(invite.workspaceId, ctx.workspace.id),
        eq(invite.createdBy, madeBy),
        inArray(invite.role, [...roles]),
        openInvite(),
      ),
    );
}

const lastOwner = () =>
  new AppError("conflict", "A workspace needs an owner. Make somebody else an owner first.");

export async function changeRole(ctx: Context, input: { userId: string; role: Role }): Promise<null> {
  return db().transaction(async (tx) => {
    const target = await lockMember(tx, ctx, input.userId);
    if (!mayAssign(ctx.role, target.role) || !mayAssign(ctx.role, input.role)) throw tooHigh();
    if (target.role === "owner" && input.role !== "owner" && target.owners === 1) throw lastOwner();
    await tx
      .update(member)
      .set({ role: input.role })
      .where(and(eq(member.workspaceId, ctx.workspace.id), eq(member.userId, input.userId)));
    const outOfReach = ROLES.filter((role) => !mayAssign(input.role, role));
    await closeInvites(tx, ctx, input.userId, outOfReach);
    return null;
  });
}

export async function removeMember(ctx: Context, input: { userId: string }): Promise<null> {
  return db().transaction(async (tx) => {
    const target = await lockMember(tx, ctx, input.userId);
    if (!mayAssign(ctx.role, target.role)) throw tooHigh();
    if (target.role === "owner" && target.owners === 1) throw lastOwner();
    await tx
      .delete(member)
      .where(and(eq(member.workspaceId, ctx.workspace.id), eq(member.userId, input.userId)));
    await closeInvites(tx, ctx, input.userId, ROLES);
    return null;
  });
}
