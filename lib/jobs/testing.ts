import { randomBytes, randomUUID } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import type { Context } from "@/lib/auth/context";
import type { Role } from "@/lib/auth/permissions";
import { db, pool } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { endpoint } from "@/lib/db/tables/endpoints";
import { job, jobEvent, jobWatch } from "@/lib/db/tables/jobs";
import { member, workspace } from "@/lib/db/tables/workspaces";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { type EndpointRecord, sealedKeyPlace } from "@/lib/endpoints/connection";
import { isTerminal, isWatched } from "@/lib/jobs/lifecycle";
import { payloadHash, sealRequest } from "@/lib/jobs/request-seal";
import { bumpRev, type JobRecord } from "@/lib/jobs/store";
import { newToken, tokenHash } from "@/lib/kernel/ids";
import { type RequestSpec, requestSchema } from "@/lib/requests/schema";
import { vault } from "@/lib/secrets/vault";

/** A database of its own behind this process's `db()`. Endpoints may be on loopback. */
export async function openTestDatabase(settings: Record<string, string> = {}): Promise<TestDatabase> {
  const database = await testDatabase();
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    JOBDECK_SECRET_KEY: randomBytes(32).toString("base64"),
    JOBDECK_ALLOW_PRIVATE_ADDRESSES: "127.0.0.0/8",
    JOBDECK_LOG_LEVEL: "silent",
    ...settings,
  });
  return {
    ...database,
    async close() {
      await pool().end();
      await database.close();
    },
  };
}

/** A person in a workspace of their own, or in a given one. */
export async function makeContext(
  over: { role?: Role; name?: string; workspace?: Context["workspace"] } = {},
): Promise<Context> {
  const { role = "owner", name = "Ada" } = over;
  const id = randomUUID();
  const person = { id, name, email: `${id}@example.com` };
  await db().insert(user).values(person);
  const slug = randomUUID();
  const place = over.workspace ?? { id: randomUUID(), slug, name: "Test" };
  if (!over.workspace) await db().insert(workspace).values(place);
  await db().insert(member).values({ workspaceId: place.id, userId: id, role });
  return { person, workspace: place, role };
}

/** An endpoint with a custom address; nothing listens there unless the test says where. */
export async function makeEndpoint(
  ctx: Context,
  over: Partial<EndpointRecord> & { apiKey?: string } = {},
): Promise<EndpointRecord> {
  const { apiKey = "rpa_key-for-tests", ...columns } = over;
  const place = { id: randomUUID(), workspaceId: ctx.workspace.id };
  const [row] = await db()
    .insert(endpoint)
    .values({
      ...place,
      name: `endpoint ${place.id}`,
      kind: "custom",
      baseUrl: "http://127.0.0.1:9/v2",
      upstreamId: "ep1",
      apiKeySealed: vault().seal(apiKey, sealedKeyPlace(place)),
      apiKeyLast4: apiKey.slice(-4),
      credentialFingerprint: vault().fingerprint(apiKey),
      ...columns,
    })
    .returning();
  return row!;
}

export const makeSpec = (over: Partial<RequestSpec> = {}): RequestSpec =>
  requestSchema.parse({ inputText: '{"prompt":"fox"}', ...over });

const phaseOf = (status: string) =>
  status === "SENDING" ? "send" : status === "IN_QUEUE" ? "queue" : isWatched(status) ? "run" : null;

/**
 * A job as it stands in a given state, with the watch row that belongs to it.
 * @param over columns of the job; `watch` columns of its watch row, which a phase brings into being.
 */
export async function makeJob(
  ctx: Context,
  at: { id: string },
  over: Partial<typeof job.$inferInsert> & {
    spec?: Partial<RequestSpec>;
    hookToken?: string;
    watch?: Partial<typeof jobWatch.$inferInsert>;
  } = {},
): Promise<JobRecord> {
  const { spec: part, hookToken = newToken(), watch = {}, ...columns } = over;
  const spec = makeSpec(part);
  const { status = "IN_QUEUE", id = randomUUID() } = columns;
  const place = { id, workspaceId: ctx.workspace.id };
  const wasSent = status !== "SENDING" && status !== "UNCONFIRMED" && status !== "REJECTED";
  return db().transaction(async (tx) => {
    const rev = await bumpRev(tx, ctx.workspace.id);
    const [row] = await tx
      .insert(job)
      .values({
        ...place,
        endpointId: at.id,
        clientKey: randomUUID(),
        requestSealed: sealRequest(place, { spec, hookToken }),
        payloadHash: payloadHash(at.id, spec),
        inputSummary: "prompt: fox",
        hookTokenHash: tokenHash(hookToken),
        createdBy: ctx.person.id,
        ...(wasSent && { upstreamId: `up-${id}`, queuedAt: new Date() }),
        ...(isTerminal(status) && { finishedAt: new Date() }),
        ...columns,
        status,
        rev,
      })
      .returning();
    const phase = watch.phase ?? phaseOf(status);
    if (phase)
      await tx
        .insert(jobWatch)
        .values({ jobId: id, workspaceId: place.workspaceId, endpointId: at.id, phase, ...watch });
    return row!;
  });
}

export async function readRow(id: string): Promise<JobRecord> {
  const [row] = await db().select().from(job).where(eq(job.id, id));
  return row!;
}

export async function readWatch(jobId: string): Promise<typeof jobWatch.$inferSelect | undefined> {
  const [row] = await db().select().from(jobWatch).where(eq(jobWatch.jobId, jobId));
  return row;
}

export const readEvents = (jobId: string) =>
  db()
    .select({ kind: jobEvent.kind, detail: jobEvent.detail })
    .from(jobEvent)
    .where(eq(jobEvent.jobId, jobId))
    .orderBy(asc(jobEvent.id));

/** From now to `at`, in seconds, by the clock of this machine, which PostgreSQL shares in tests. */
export const secondsUntil = (at: Date | null | undefined): number =>
  ((at?.getTime() ?? 0) - Date.now()) / 1000;
