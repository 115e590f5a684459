import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { ROLES, type Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { invite, member } from "@/lib/db/tables/workspaces";
import type { TestDatabase } from "@/lib/db/testing";
import { makeContext, openTestDatabase } from "@/lib/jobs/testing";
import {
  acceptInvite,
  changeRole,
  createInvite,
  inviteInfo,
  listInvites,
  listMembers,
  removeMember,
  revokeInvite,
} from "@/lib/workspaces/service";

let database: TestDatabase;
let owner: Context;

beforeAll(async () => {
  database = await openTestDatabase();
  owner = await makeContext({ name: "Olga" });
});
afterAll(() => database.close());

const join = (role: Role, to = owner) => makeContext({ role, workspace: to.workspace });
const roleOf = async (who: Context, at = owner) => {
  const [row] = await db()
    .select({ role: member.role })
    .from(member)
    .where(and(eq(member.workspaceId, at.workspace.id), eq(member.userId, who.person.id)));
  return row?.role;
};
const tokenFor = async (role: Role = "editor", by = owner) =>
  (await createInvite(by, { role, note: "for a test" })).path.replace("/invite/", "");
let serial = 0;
const newcomer = () => ({
  name: "New",
  email: `new-${serial++}@example.com`,
  password: "a long enough password",
});

describe("an invite", () => {
  it("closes with its maker's membership, or it would be a way back in", async () => {
    const admin = await join("admin");
    const token = await tokenFor("admin", admin);
    const ofOthers = await tokenFor("admin");
    await removeMember(owner, { userId: admin.person.id });
    expect(await inviteInfo(token)).toEqual({ state: "closed" });
    await expect(acceptInvite(admin.person, { token })).rejects.toMatchObject({ code: "not_found" });
    expect(await roleOf(admin)).toBeUndefined();
    expect(await inviteInfo(ofOthers)).toMatchObject({ state: "open" });
  });

  it("closes when its maker may no longer give its role", async () => {
    const second = await join("owner");
    const [asOwner, asEditor] = [await tokenFor("owner", second), await tokenFor("editor", second)];
    await changeRole(owner, { userId: second.person.id, role: "admin" });
    expect(await inviteInfo(asOwner)).toEqual({ state: "closed" });
    expect(await inviteInfo(asEditor)).toMatchObject({ state: "open" });
    await changeRole(owner, { userId: second.person.id, role: "viewer" });
    expect(await inviteInfo(asEditor)).toEqual({ state: "closed" });
  });

  it("is not made by somebody who was removed while the request was on its way", async () => {
    const admin = await join("admin");
    await removeMember(owner, { userId: admin.person.id });
    await expect(tokenFor("admin", admin)).rejects.toMatchObject({ code: "not_found" });
  });

  it("admits one person with a new account, in the role it names", async () => {
    const token = await tokenFor("submitter");
    expect(await inviteInfo(token)).toEqual({ state: "open", workspaceName: "Test", role: "submitter" });
    const account = newcomer();
    expect(await acceptInvite(null, { token, account })).toEqual({ slug: owner.workspace.slug });
    const joined = (await listMembers(owner)).find((row) => row.email === account.email);
    expect(joined?.role).toBe("submitter");
    expect(await inviteInfo(token)).toEqual({ state: "closed" });
    await expect(acceptInvite(null, { token, account: newcomer() })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("admits one person when ten use it at once, and no account is left of the others", async () => {
    const token = await tokenFor();
    const accounts = Array.from({ length: 10 }, newcomer);
    const racing = await Promise.allSettled(
      accounts.map((account) => acceptInvite(null, { token, account })),
    );
    expect(racing.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    const made = await db()
      .select({ email: user.email })
      .from(user)
      .where(sql`${user.email} in ${accounts.map((account) => account.email)}`);
    expect(made).toHaveLength(1);
  });

  it("admits a person who is signed in, and does not change or use up anything for a member", async () => {
    const visitor = await makeContext();
    await acceptInvite(visitor.person, { token: await tokenFor("viewer") });
    expect(await roleOf(visitor)).toBe("viewer");
    const token = await tokenFor("admin");
    await acceptInvite(visitor.person, { token });
    expect(await roleOf(visitor)).toBe("viewer");
    expect((await inviteInfo(token)).state).toBe("open");
  });

  it("does not make a second account for a mail address, and stays open", async () => {
    const token = await tokenFor();
    const known = { ...newcomer(), email: owner.person.email };
    await expect(acceptInvite(null, { token, account: known })).rejects.toMatchObject({ code: "conflict" });
    await expect(acceptInvite(null, { token })).rejects.toMatchObject({ code: "unauthenticated" });
    expect((await inviteInfo(token)).state).toBe("open");
  });

  it.each<[name: string, end: (token: string) => Promise<unknown>]>([
    [
      "revoked",
      async () => {
        const [open] = await listInvites(owner);
        await revokeInvite(owner, { id: open!.id });
      },
    ],
    [
      "expired",
      () =>
        db().update(invite).set({ expiresAt: sql`now() - interval '1 second'` }).where(sql`used_at is null`),
    ],
  ])("that was %s admits nobody", async (_name, end) => {
    const token = await tokenFor();
    await end(token);
    expect(await inviteInfo(token)).toEqual({ state: "closed" });
    await expect(acceptInvite(null, { token, account: newcomer() })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("lasts 7 days, is stored as a hash and is listed without its token", async () => {
    const token = await tokenFor();
    const [row] = await listInvites(owner);
    const days = (Date.parse(row!.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 1);
    expect(JSON.stringify([row, await db().select().from(invite)])).not.toContain(token);
  });

  it("of another workspace cannot be revoked", async () => {
    const stranger = await makeContext();
    await tokenFor();
    const [row] = await listInvites(owner);
    await expect(revokeInvite(stranger, { id: row!.id })).rejects.toMatchObject({ code: "not_found" });
    expect(await listInvites(stranger)).toEqual([]);
  });

  it.each(ROLES)("by an admin for the role %s is possible up to admin", async (role) => {
    const admin = await join("admin");
    const made = createInvite(admin, { role, note: "" });
    if (role === "owner") await expect(made).rejects.toMatchObject({ code: "forbidden" });
    else await expect(made).resolves.toMatchObject({ path: expect.stringMatching(/^\/invite\/[\w-]{43}$/) });
  });
});

describe("roles", () => {
  it.each<[actor: Role, from: Role, to: Role, ok: boolean]>([
    ["owner", "viewer", "owner", true],
    ["owner", "owner", "viewer", true],
    ["admin", "viewer", "admin", true],
    ["admin", "admin", "viewer", true],
    ["admin", "viewer", "owner", false],
    ["admin", "owner", "viewer", false],
    ["editor", "viewer", "submitter", false],
  ])("%s changes %s to %s: %s", async (actor, from, to, ok) => {
    const here = await makeContext();
    const [who, target] = [await join(actor, here), await join(from, here)];
    const change = changeRole(who, { userId: target.person.id, role: to });
    if (ok) await change;
    else await expect(change).rejects.toMatchObject({ code: "forbidden" });
    expect(await roleOf(target, here)).toBe(ok ? to : from);
  });

  it.each<[actor: Role, target: Role, ok: boolean]>([
    ["owner", "owner", true],
    ["admin", "admin", true],
    ["admin", "owner", false],
    ["editor", "viewer", false],
  ])("%s removes %s: %s", async (actor, role, ok) => {
    const here = await makeContext();
    const [who, target] = [await join(actor, here), await join(role, here)];
    const removal = removeMember(who, { userId: target.person.id });
    if (ok) await removal;
    else await expect(removal).rejects.toMatchObject({ code: "forbidden" });
    expect(await roleOf(target, here)).toBe(ok ? undefined : role);
  });

  it("a workspace keeps an owner, also when two leave or demote each other at once", async () => {
    const here = await makeContext();
    await expect(changeRole(here, { userId: here.person.id, role: "admin" })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(removeMember(here, { userId: here.person.id })).rejects.toMatchObject({ code: "conflict" });
    for (let i = 0; i < 3; i++) {
      const other = await join("owner", here);
      const both = await Promise.allSettled([
        changeRole(here, { userId: other.person.id, role: "viewer" }),
        removeMember(other, { userId: here.person.id }),
      ]);
      expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
      const owners = (await listMembers(here)).filter((row) => row.role === "owner");
      expect(owners).toHaveLength(1);
      if (owners[0]!.userId !== here.person.id) return;
    }
  });

  it("of another workspace are out of reach", async () => {
    const stranger = await makeContext();
    const target = await join("viewer");
    const userId = target.person.id;
    await expect(changeRole(stranger, { userId, role: "admin" })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(removeMember(stranger, { userId })).rejects.toMatchObject({ code: "not_found" });
    expect(await roleOf(target)).toBe("viewer");
    expect((await listMembers(stranger)).map((row) => row.userId)).toEqual([stranger.person.id]);
  });
});
