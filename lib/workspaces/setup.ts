import { timingSafeEqual } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { db, type Tx } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { install } from "@/lib/db/tables/system";
import { member, workspace } from "@/lib/db/tables/workspaces";
import { addSampleEndpoints } from "@/lib/endpoints/service";
import { env } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { newId, newToken, tokenHash } from "@/lib/kernel/ids";
import { createAccount } from "@/lib/workspaces/accounts";
import type { Setup, SetupState } from "@/lib/workspaces/schema";
import { chooseSlug } from "@/lib/workspaces/slug";

const TOKEN_KEY = "setup-token-hash";

const hasPeople = async (tx: Pick<Tx, "select">): Promise<boolean> =>
  (await tx.select({ id: user.id }).from(user).limit(1)).length > 0;

/** A workspace with its owner and the two sample endpoints, so that the first job needs nothing else. */
export async function createWorkspace(
  tx: Tx,
  ownerId: string,
  name: string,
): Promise<{ id: string; slug: string }> {
  const taken = await tx.select({ slug: workspace.slug }).from(workspace);
  const slug = chooseSlug(name, new Set(taken.map((row) => row.slug)));
  const id = newId();
  await tx.insert(workspace).values({ id, slug, name });
  await tx.insert(member).values({ workspaceId: id, userId: ownerId, role: "owner" });
  await addSampleEndpoints(tx, id);
  return { id, slug };
}

/**
 * Called by the supervisor before the roles start. With JOBDECK_OWNER_EMAIL and JOBDECK_OWNER_PASSWORD and nobody
 * there yet, makes the owner and the first workspace; else, while nobody is there, makes a fresh setup token: an old
 * link stops working when a new one is printed.
 */
export async function ensureSetup(): Promise<{ setupToken?: string }> {
  return db().transaction(async (tx) => {
    await tx.execute(sql`lock table "install" in exclusive mode`);
    if (await hasPeople(tx)) return {};
    const { ownerEmail, ownerPassword } = env();
    if (ownerEmail && ownerPassword) {
      const name = ownerEmail.split("@")[0] ?? "Owner";
      const ownerId = await createAccount(tx, {
        name,
        email: ownerEmail.toLowerCase(),
        password: ownerPassword,
      });
      await createWorkspace(tx, ownerId, "Workspace");
      return {};
    }
    const setupToken = newToken();
    await tx
      .insert(install)
      .values({ key: TOKEN_KEY, value: tokenHash(setupToken) })
      .onConflictDoUpdate({ target: install.key, set: { value: tokenHash(setupToken) } });
    return { setupToken };
  });
}

const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

async function tokenIsRight(tx: Pick<Tx, "select">, token: string): Promise<boolean> {
  const [row] = await tx.select().from(install).where(eq(install.key, TOKEN_KEY));
  return row !== undefined && sameHash(row.value, tokenHash(token));
}

/** Whether nobody is there yet. */
export const needsSetup = async (): Promise<boolean> => !(await hasPeople(db()));

export async function setupState(token: string): Promise<SetupState> {
  if (await hasPeople(db())) return "done";
  return (await tokenIsRight(db(), token)) ? "open" : "wrong_token";
}

/**
 * The first person: account, workspace and sample endpoints in one transaction; the token works once.
 * @throws AppError `forbidden` for a wrong token, `conflict` when somebody was faster.
 */
export async function setUp(input: Setup): Promise<{ slug: string }> {
  return db().transaction(async (tx) => {
    await tx.execute(sql`lock table "install" in exclusive mode`);
    if (await hasPeople(tx)) throw new AppError("conflict", "Jobdeck is already set up. Sign in instead.");
    if (!(await tokenIsRight(tx, input.token)))
      throw new AppError(
        "forbidden",
        "This setup link is not valid. Use the newest one that `npm start` printed.",
      );
    const ownerId = await createAccount(tx, input);
    const { slug } = await createWorkspace(tx, ownerId, input.workspaceName);
    await tx.delete(install).where(eq(install.key, TOKEN_KEY));
    return { slug };
  });
}
