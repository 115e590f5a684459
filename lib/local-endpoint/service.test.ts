import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { endpoint } from "@/lib/db/tables/endpoints";
import { workspace } from "@/lib/db/tables/workspaces";
import { addSampleEndpoints } from "@/lib/endpoints/service";
import { newId } from "@/lib/kernel/ids";
import { rotateWorkerKey, showWorkerEnvironment, workerEnvironment } from "@/lib/local-endpoint/service";
import { type TestQueue, testQueue } from "@/lib/local-endpoint/testing";

let queue: TestQueue;
let textId: string;
const workspaceId = newId();
const as = (role: Context["role"], id = workspaceId): Context => ({
  person: { id: "p", name: "P", email: "p@example.com" },
  workspace: { id, slug: "w", name: "W" },
  role,
});
beforeAll(async () => {
  queue = await testQueue();
  const { db } = queue.database;
  await db.insert(workspace).values({ id: workspaceId, slug: "w", name: "W" });
  await db.transaction((tx) => addSampleEndpoints(tx, workspaceId));
  const rows = await db.select().from(endpoint).where(eq(endpoint.upstreamId, "sample-text"));
  textId = rows[0]!.id;
});
afterAll(() => queue.close());

const ping = async (variables: Record<string, string>) => {
  const url = variables.RUNPOD_WEBHOOK_PING!.replace("$RUNPOD_POD_ID", "w1");
  return (await fetch(url, { headers: { authorization: variables.RUNPOD_AI_API_KEY! } })).status;
};

it("shows variables with which a worker attaches", async () => {
  const { variables, keyShown } = await showWorkerEnvironment(as("admin"), { id: textId });
  expect(keyShown).toBe(true);
  expect(variables.RUNPOD_WEBHOOK_GET_JOB).toBe(
    `${queue.origin}/local/v2/sample-text/job-take/$ID?gpu=local`,
  );
  expect(await ping(variables)).toBe(200);
});

it("covers the worker key for people who may not hold keys", async () => {
  const { variables, keyShown } = await workerEnvironment(as("editor"), textId);
  expect(keyShown).toBe(false);
  expect(JSON.stringify(variables)).not.toContain("jdw_");
  expect(() => showWorkerEnvironment(as("editor"), { id: textId })).toThrow(/needs admin/);
  await expect(rotateWorkerKey(as("editor"), { id: textId })).rejects.toMatchObject({ code: "forbidden" });
});

it("knows nothing of it in another workspace", async () => {
  for (const attempt of [workerEnvironment, (ctx: Context, id: string) => rotateWorkerKey(ctx, { id })])
    await expect(attempt(as("owner", newId()), textId)).rejects.toMatchObject({ code: "not_found" });
});

it("refuses the old key once it was replaced, and stores neither in plain text", async () => {
  const before = (await showWorkerEnvironment(as("admin"), { id: textId })).variables;
  await rotateWorkerKey(as("admin"), { id: textId });
  const after = (await showWorkerEnvironment(as("admin"), { id: textId })).variables;
  expect([await ping(before), await ping(after)]).toEqual([401, 200]);
  const dump = await queue.database.db.execute("select * from local_endpoint");
  expect(JSON.stringify(dump.rows)).not.toContain(after.RUNPOD_AI_API_KEY);
});
