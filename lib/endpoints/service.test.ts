import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import type { Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { endpoint } from "@/lib/db/tables/endpoints";
import type { TestDatabase } from "@/lib/db/testing";
import { connect, loadEndpoint } from "@/lib/endpoints/connection";
import { addEndpointSchema, editEndpointSchema, endpointRowSchema } from "@/lib/endpoints/schema";
import {
  addEndpoint,
  editEndpoint,
  listEndpoints,
  readEndpoint,
  readHealth,
  removeEndpoint,
  resumeEndpoint,
  testConnection,
} from "@/lib/endpoints/service";
import { makeContext, makeEndpoint, makeJob, openTestDatabase } from "@/lib/jobs/testing";
import { type ScriptedServer, says, scriptedServer } from "@/lib/upstream/testing";

const KEY = "rpa_planted-key-9876";
const HEALTH = { jobs: { inQueue: 1 }, workers: { idle: 1 } };

let database: TestDatabase;
let provider: ScriptedServer;
let ctx: Context;

beforeAll(async () => {
  provider = await scriptedServer();
  database = await openTestDatabase();
  ctx = await makeContext();
});
beforeEach(() => {
  provider.heard.length = 0;
  provider.script(says(200, HEALTH));
});
afterAll(async () => {
  await database.close();
  await provider.close();
});

let serial = 0;
const custom = (over: object = {}) =>
  addEndpointSchema.parse({
    kind: "custom",
    name: `custom ${serial++}`,
    upstreamId: "ep1",
    apiKey: KEY,
    baseUrl: `${provider.origin}/v2/`,
    ...over,
  });
const runpod = (over: object = {}) =>
  addEndpointSchema.parse({
    kind: "runpod",
    name: `runpod ${serial++}`,
    upstreamId: "ep1",
    apiKey: KEY,
    ...over,
  });
const as = (role: Role, here = ctx) => makeContext({ role, workspace: here.workspace });
const rowOf = (id: string) => loadEndpoint(db(), ctx.workspace.id, id);
const keysHeard = () => provider.heard.map((request) => request.headers.authorization);

describe("adding an endpoint", () => {
  it("seals the key, shows its last four characters and asks the address that was given", async () => {
    const { id } = await addEndpoint(ctx, custom());
    const shown = endpointRowSchema.strict().parse(await readEndpoint(ctx, id));
    expect(shown).toMatchObject({ apiKeyLast4: "9876", baseUrl: `${provider.origin}/v2`, kind: "custom" });
    expect(JSON.stringify([await rowOf(id), await listEndpoints(ctx)])).not.toContain(KEY);
    expect(await readHealth(ctx, id)).toEqual(HEALTH);
    expect(keysHeard()).toEqual([`Bearer ${KEY}`]);
    expect(provider.heard[0]?.path).toBe("/v2/ep1/health");
  });

  it("shows nothing of a key that is short", async () => {
    const { id } = await addEndpoint(ctx, custom({ apiKey: "short-key" }));
    expect((await readEndpoint(ctx, id)).apiKeyLast4).toBe("");
  });

  it("a key copied to another row does not open there", async () => {
    const [first, second] = [await addEndpoint(ctx, custom()), await addEndpoint(ctx, custom())];
    const { apiKeySealed } = await rowOf(first.id);
    await db().update(endpoint).set({ apiKeySealed }).where(eq(endpoint.id, second.id));
    await expect(readHealth(ctx, second.id)).rejects.toMatchObject({ code: "internal" });
    expect(provider.heard).toEqual([]);
  });

  it("knows equal keys without keeping them, so that they share a budget", async () => {
    const prints = [];
    for (const apiKey of [KEY, KEY, `${KEY}x`])
      prints.push((await rowOf((await addEndpoint(ctx, custom({ apiKey }))).id)).credentialFingerprint);
    expect(prints[0]).toBe(prints[1]);
    expect(prints[0]).not.toBe(prints[2]);
  });

  it("a name is used once per workspace, and again after its endpoint was removed", async () => {
    const { id } = await addEndpoint(ctx, runpod({ name: "flux" }));
    await expect(addEndpoint(ctx, runpod({ name: "flux" }))).rejects.toMatchObject({
      code: "conflict",
      fields: { name: expect.stringContaining("flux") },
    });
    await addEndpoint(await makeContext(), runpod({ name: "flux" }));
    await removeEndpoint(ctx, { id });
    await addEndpoint(ctx, runpod({ name: "flux" }));
  });

  it.each<[role: Role, kind: "runpod" | "custom" | "local", ok: boolean]>([
    ["editor", "runpod", false],
    ["editor", "custom", false],
    ["editor", "local", true],
    ["admin", "runpod", true],
    ["admin", "custom", true],
  ])("as %s of the kind %s: %s", async (role, kind, ok) => {
    const input =
      kind === "custom"
        ? custom()
        : kind === "runpod"
          ? runpod()
          : addEndpointSchema.parse({ kind: "local", name: `local-${serial++}` });
    const added = addEndpoint(await as(role), input);
    if (ok) await added;
    else await expect(added).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("what may be written", () => {
  it.each<[name: string, field: string, over: object]>([
    ["an id with a slash", "upstreamId", { upstreamId: "ep1/../../other" }],
    ["an id with dots", "upstreamId", { upstreamId: ".." }],
    ["a key with a line break", "apiKey", { apiKey: "a\r\nx-admin: 1" }],
    ["a key with letters that headers cannot carry", "apiKey", { apiKey: "schlüssel" }],
    ["a name with control characters", "name", { name: "a\u0000b" }],
    ["an address with a query", "baseUrl", { baseUrl: "https://x.example/v2?key=1" }],
    ["an address with a user", "baseUrl", { baseUrl: "https://user@x.example/v2" }],
    ["an address of another kind", "baseUrl", { baseUrl: "file:///etc" }],
  ])("not %s", (_name, field, over) => {
    const parsed = addEndpointSchema.safeParse({
      ...{ kind: "custom", name: "n", upstreamId: "e", apiKey: "k", baseUrl: "https://x.example/v2" },
      ...over,
    });
    expect(parsed.error?.issues.map((issue) => issue.path.join("."))).toEqual([field]);
  });
});

describe("editing an endpoint", () => {
  it("a moved base URL needs the key again, and the stored key never goes there", async () => {
    const elsewhere = await scriptedServer(says(200, HEALTH));
    const { id } = await addEndpoint(ctx, custom());
    const baseUrl = `${elsewhere.origin}/v2`;
    await expect(editEndpoint(ctx, { id, baseUrl })).rejects.toMatchObject({
      code: "invalid",
      fields: { apiKey: expect.any(String) },
    });
    expect(elsewhere.heard).toEqual([]);
    await editEndpoint(ctx, { id, baseUrl, apiKey: "rpa_new-key" });
    await readHealth(ctx, id);
    expect(elsewhere.heard.map((request) => request.headers.authorization)).toEqual(["Bearer rpa_new-key"]);
    expect(provider.heard).toEqual([]);
    await elsewhere.close();
  });

  it("the same base URL with a slash at its end is not a move", async () => {
    const { id } = await addEndpoint(ctx, custom());
    const input = editEndpointSchema.parse({ id, baseUrl: `${provider.origin}/v2/`, name: `same ${id}` });
    await editEndpoint(ctx, input);
    expect((await readEndpoint(ctx, id)).name).toBe(`same ${id}`);
  });

  it("a new key ends the pause", async () => {
    const { id } = await makeEndpoint(ctx, { pausedAt: new Date(), pausedReason: "refused" });
    await editEndpoint(ctx, { id, apiKey: "rpa_better" });
    expect(await readEndpoint(ctx, id)).toMatchObject({ pausedAt: null, pausedReason: null });
  });

  it.each<[name: string, role: Role, change: object, code: string | null]>([
    ["an editor renames", "editor", { name: "renamed by an editor" }, null],
    ["an editor changes the key", "editor", { apiKey: "k2" }, "forbidden"],
    ["an editor moves it", "editor", { baseUrl: "https://evil.example/v2", apiKey: "k2" }, "forbidden"],
    ["an admin changes the key", "admin", { apiKey: "k2" }, null],
  ])("%s", async (_name, role, change, code) => {
    const { id } = await addEndpoint(ctx, custom());
    const edit = editEndpoint(await as(role), { id, ...change });
    if (code) await expect(edit).rejects.toMatchObject({ code });
    else await edit;
  });

  it("a RunPod endpoint has no address of its own, and a local one only a name", async () => {
    const { id } = await addEndpoint(ctx, runpod());
    await expect(editEndpoint(ctx, { id, baseUrl: "https://x.example", apiKey: "k" })).rejects.toMatchObject({
      code: "invalid",
    });
    const local = await addEndpoint(ctx, { kind: "local", name: `local-${serial++}` });
    await expect(editEndpoint(ctx, { id: local.id, apiKey: "k" })).rejects.toMatchObject({ code: "invalid" });
  });

  it("its id upstream cannot change while jobs are under way there", async () => {
    const at = await makeEndpoint(ctx);
    await makeJob(ctx, at, { status: "IN_PROGRESS" });
    await expect(editEndpoint(ctx, { id: at.id, upstreamId: "other" })).rejects.toMatchObject({
      code: "conflict",
    });
    await editEndpoint(ctx, { id: at.id, upstreamId: at.upstreamId, name: `still ${at.id}` });
    const idle = await makeEndpoint(ctx);
    await makeJob(ctx, idle, { status: "COMPLETED" });
    await editEndpoint(ctx, { id: idle.id, upstreamId: "other" });
    expect((await readEndpoint(ctx, idle.id)).upstreamId).toBe("other");
  });
});

describe("removing an endpoint", () => {
  it.each<[status: string, ok: boolean]>([
    ["SENDING", false],
    ["IN_QUEUE", false],
    ["IN_PROGRESS", false],
    ["A_NEW_WORD", false],
    ["COMPLETED", true],
    ["LOST", true],
    ["UNCONFIRMED", true],
  ])("with a %s job: %s", async (status, ok) => {
    const at = await makeEndpoint(ctx);
    await makeJob(ctx, at, { status });
    const removal = removeEndpoint(ctx, { id: at.id });
    if (!ok) {
      await expect(removal).rejects.toThrow(/1 job is still active/);
      expect((await readEndpoint(ctx, at.id)).id).toBe(at.id);
      return;
    }
    await removal;
    await expect(readEndpoint(ctx, at.id)).rejects.toMatchObject({ code: "not_found" });
    expect((await listEndpoints(ctx)).map((row) => row.id)).not.toContain(at.id);
  });

  it("wipes its key", async () => {
    const { id } = await addEndpoint(ctx, custom());
    const before = await rowOf(id);
    await removeEndpoint(ctx, { id });
    const after = await rowOf(id);
    expect(after.apiKeyLast4).toBe("");
    expect(after.apiKeySealed).not.toBe(before.apiKeySealed);
    await connect(after).health();
    expect(keysHeard()).toEqual(["Bearer removed"]);
  });
});

describe("testing a connection", () => {
  it("of a stored endpoint uses its stored key at its stored address only", async () => {
    const { id } = await addEndpoint(ctx, custom());
    expect(await testConnection(await as("editor"), { id })).toMatchObject({ outcome: "ok", health: HEALTH });
    expect(keysHeard()).toEqual([`Bearer ${KEY}`]);
  });

  it.each<[name: string, status: number, outcome: string]>([
    ["a wrong key", 401, "wrong_key"],
    ["a wrong id", 404, "wrong_id"],
    ["something else", 500, "not_an_endpoint"],
  ])("tells %s", async (_name, status, outcome) => {
    provider.script(says(status, ""));
    const { name: _unused, ...input } = custom() as ReturnType<typeof custom> & { kind: "custom" };
    expect(await testConnection(ctx, input)).toMatchObject({ outcome });
  });

  it("of an address that is not allowed asks nobody", async () => {
    const input = {
      kind: "custom" as const,
      upstreamId: "e",
      apiKey: "k",
      baseUrl: "http://169.254.169.254",
    };
    expect(await testConnection(ctx, input)).toMatchObject({ outcome: "refused_address" });
    await expect(testConnection(await as("editor"), input)).rejects.toMatchObject({ code: "forbidden" });
  });
});

it.each<[name: string, act: (stranger: Context, id: string) => Promise<unknown>]>([
  ["read", readEndpoint],
  ["edited", (stranger, id) => editEndpoint(stranger, { id, name: "mine now" })],
  ["removed", (stranger, id) => removeEndpoint(stranger, { id })],
  ["resumed", (stranger, id) => resumeEndpoint(stranger, { id })],
  ["tested", (stranger, id) => testConnection(stranger, { id })],
])("an endpoint of another workspace cannot be %s", async (_name, act) => {
  const at = await makeEndpoint(ctx, { pausedAt: new Date() });
  await expect(act(await makeContext(), at.id)).rejects.toMatchObject({ code: "not_found" });
  expect(await rowOf(at.id)).toEqual(at);
});
