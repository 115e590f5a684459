import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { account, user } from "@/lib/db/tables/auth";
import { endpoint } from "@/lib/db/tables/endpoints";
import { install } from "@/lib/db/tables/system";
import { member, workspace } from "@/lib/db/tables/workspaces";
import type { TestDatabase } from "@/lib/db/testing";
import { openTestDatabase } from "@/lib/jobs/testing";
import { ensureSetup, needsSetup, setUp, setupState } from "@/lib/workspaces/setup";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  return () => database.close();
});
beforeEach(async () => {
  for (const table of [endpoint, member, workspace, account, user, install]) await db().delete(table);
});
const owner = (token: string, over: object = {}) => ({
  token,
  name: "Ada",
  email: "ada@example.com",
  password: "a long enough password",
  workspaceName: "Image Lab",
  ...over,
});
const people = () => db().select({ email: user.email }).from(user);
const freshToken = async () => (await ensureSetup()).setupToken!;

describe("the first run", () => {
  it("prints a token, and every start a new one that ends the one before", async () => {
    const first = await freshToken();
    expect(first).toHaveLength(43);
    expect(await setupState(first)).toBe("open");
    const second = await freshToken();
    expect(await setupState(first)).toBe("wrong_token");
    expect(await setupState(second)).toBe("open");
    expect(await setupState("")).toBe("wrong_token");
    await expect(setUp(owner(first))).rejects.toMatchObject({ code: "forbidden" });
    expect(await people()).toEqual([]);
  });

  it("keeps only the token's hash", async () => {
    const token = await freshToken();
    expect(JSON.stringify(await db().select().from(install))).not.toContain(token);
  });

  it("makes the owner, the workspace and both sample endpoints", async () => {
    expect(await setUp(owner(await freshToken()))).toEqual({ slug: "image-lab" });
    expect(await db().select({ role: member.role }).from(member)).toEqual([{ role: "owner" }]);
    const names = await db().select({ name: endpoint.name, kind: endpoint.kind }).from(endpoint);
    expect(names.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: "sample-image", kind: "local" },
      { name: "sample-text", kind: "local" },
    ]);
    const [stored] = await db().select({ password: account.password }).from(account);
    expect(stored?.password).not.toContain("a long enough password");
  });

  it("has one owner when two use the link at once", async () => {
    const token = await freshToken();
    const racing = await Promise.allSettled(
      Array.from({ length: 5 }, (_, i) => setUp(owner(token, { email: `p${i}@example.com` }))),
    );
    expect(racing.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    for (const one of racing)
      if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "conflict" });
    expect(await people()).toHaveLength(1);
    expect(await db().select().from(workspace)).toHaveLength(1);
  });

  it("works once: the link is dead afterwards, and no start prints another", async () => {
    const token = await freshToken();
    await setUp(owner(token));
    expect(await needsSetup()).toBe(false);
    expect(await setupState(token)).toBe("done");
    await expect(setUp(owner(token, { email: "eve@example.com" }))).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await ensureSetup()).toEqual({});
    expect(await people()).toEqual([{ email: "ada@example.com" }]);
  });

  it("that fails in the middle leaves nothing behind and may be tried again", async () => {
    const token = await freshToken();
    // PostgreSQL refuses the name after the account was written.
    await expect(setUp(owner(token, { workspaceName: "a\u0000b" }))).rejects.toThrow();
    expect(await people()).toEqual([]);
    expect(await needsSetup()).toBe(true);
    await setUp(owner(token));
    expect(await db().select().from(user).where(eq(user.email, "ada@example.com"))).toHaveLength(1);
  });
});
