import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { requestDraft } from "@/lib/db/tables/drafts";
import type { TestDatabase } from "@/lib/db/testing";
import {
  type DraftContent,
  draftSlotSchema,
  endpointSlot,
  jobSlot,
  saveDraftSchema,
} from "@/lib/drafts/schema";
import { clearDraft, readDraft, readLatestDraft, saveDraft } from "@/lib/drafts/service";
import { makeContext, openTestDatabase } from "@/lib/jobs/testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const says = (inputText: string, endpointId: string | null = null): DraftContent => ({
  endpointId,
  inputText,
});
const save = (ctx: Context, slot: string, text: string, basedOn = 0) =>
  saveDraft(ctx, { slot, basedOn, content: says(text) });

describe("a draft", () => {
  it("comes back as it was written, broken JSON and all", async () => {
    const ctx = await makeContext();
    const content = {
      ...says('{"n": 1.0, "unfinished'),
      ttlMs: 5,
      s3: { accessId: "A", bucketName: "", endpointUrl: "x" },
    };
    await saveDraft(ctx, { slot: "none", basedOn: 0, content });
    expect(await readDraft(ctx, { slot: "none" })).toMatchObject({ content, version: 1 });
  });

  it("belongs to one person in one workspace and one slot", async () => {
    const ctx = await makeContext();
    const slot = endpointSlot(randomUUID());
    await save(ctx, slot, "{}");
    const colleague = await makeContext({ workspace: ctx.workspace });
    const elsewhere = { ...(await makeContext()), person: ctx.person };
    for (const other of [colleague, elsewhere]) {
      expect(await readDraft(other, { slot })).toBeNull();
      expect(await readLatestDraft(other)).toBeNull();
      await clearDraft(other, { slot });
    }
    expect(await readDraft(ctx, { slot: endpointSlot(randomUUID()) })).toBeNull();
    expect(await readDraft(ctx, { slot })).not.toBeNull();
    await clearDraft(ctx, { slot });
    expect(await readDraft(ctx, { slot })).toBeNull();
  });

  it("is sealed, and opens in no other row", async () => {
    const ctx = await makeContext();
    await save(ctx, "none", '{"key": "planted-in-a-draft"}');
    const rows = await db().select().from(requestDraft);
    expect(JSON.stringify(rows)).not.toContain("planted-in-a-draft");
    const colleague = await makeContext({ workspace: ctx.workspace });
    const mine = rows.find(({ userId }) => userId === ctx.person.id)!;
    await db()
      .insert(requestDraft)
      .values({ ...mine, userId: colleague.person.id });
    await expect(readDraft(colleague, { slot: "none" })).rejects.toMatchObject({ code: "internal" });
  });

  it("the newest wins, and what it replaced unseen comes back", async () => {
    const ctx = await makeContext();
    expect(await save(ctx, "none", "one")).toMatchObject({ version: 1, replaced: null });
    expect(await save(ctx, "none", "two", 1)).toMatchObject({ version: 2, replaced: null });
    // Another tab saw version 1 only.
    expect(await save(ctx, "none", "other tab", 1)).toMatchObject({ version: 3, replaced: says("two") });
    expect(await readDraft(ctx, { slot: "none" })).toMatchObject({ content: says("other tab"), version: 3 });
    // Sent and cleared elsewhere meanwhile: there is nothing to replace.
    await clearDraft(ctx, { slot: "none" });
    expect(await save(ctx, "none", "again", 3)).toMatchObject({ version: 4, replaced: null });
  });

  it("two tabs that save at once both get through", async () => {
    const ctx = await makeContext();
    const saved = await Promise.all(Array.from({ length: 8 }, (_, i) => save(ctx, "none", `tab ${i}`)));
    expect(new Set(saved.map(({ version }) => version)).size).toBe(8);
  });

  it("the latest is what was written last, but not an edit of a job", async () => {
    const ctx = await makeContext();
    const at = randomUUID();
    await save(ctx, "none", "first");
    await saveDraft(ctx, { slot: endpointSlot(at), basedOn: 0, content: says("second", at) });
    await save(ctx, jobSlot(randomUUID()), "an edit");
    expect(await readLatestDraft(ctx)).toMatchObject({ content: says("second", at) });
  });

  it("beyond 50 the oldest go", async () => {
    const ctx = await makeContext();
    const slots = Array.from({ length: 53 }, () => jobSlot(randomUUID()));
    for (const slot of slots) await save(ctx, slot, "x");
    const kept = await Promise.all(slots.map((slot) => readDraft(ctx, { slot })));
    expect(kept.map((draft) => draft !== null)).toEqual(slots.map((_, index) => index >= 3));
  });
});

it.each([["none; drop"], ["job:"], [""], ["../x"], [`${randomUUID()} `]])("%j is no slot", (slot) =>
  expect(draftSlotSchema.safeParse({ slot }).success).toBe(false),
);
it("an input over a million characters is no draft", () => {
  const content = says("x".repeat(1_000_001));
  expect(saveDraftSchema.safeParse({ slot: "none", basedOn: 0, content }).success).toBe(false);
});
