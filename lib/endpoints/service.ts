import { and, asc, eq, isNull, notInArray, sql } from "drizzle-orm";
import { type Context, requirePermission } from "@/lib/auth/context";
import { wakeCollectors } from "@/lib/collector/wake";
import { type Db, db, type Tx } from "@/lib/db/client";
import { endpoint } from "@/lib/db/tables/endpoints";
import { jobCounter } from "@/lib/db/tables/jobs";
import { type CircuitState, forgetTrouble, readCircuits } from "@/lib/endpoints/circuit";
import {
  connect,
  connectTo,
  type EndpointRecord,
  hookOrigin,
  loadEndpoint,
  sealedKeyPlace,
} from "@/lib/endpoints/connection";
import { diagnose } from "@/lib/endpoints/diagnosis";
import type {
  AddEndpoint,
  ConnectionReport,
  EndpointKind,
  EndpointRow,
  Health,
  TestConnection,
} from "@/lib/endpoints/schema";
import { TERMINAL_STATUSES } from "@/lib/jobs/lifecycle";
import { nextRev } from "@/lib/jobs/many";
import { AppError } from "@/lib/kernel/errors";
import { newId } from "@/lib/kernel/ids";
import { createLocalEndpoint, removeLocalEndpoint } from "@/lib/local-endpoint/service";
import { vault } from "@/lib/secrets/vault";

const SAMPLES = ["sample-image", "sample-text"] as const;
const isSample = (name: string): name is (typeof SAMPLES)[number] =>
  (SAMPLES as readonly string[]).includes(name);

const toRow = (row: EndpointRecord, circuits: readonly CircuitState[]): EndpointRow => ({
  id: row.id,
  name: row.name,
  kind: row.kind as EndpointKind,
  upstreamId: row.upstreamId,
  baseUrl: row.baseUrl,
  apiKeyLast4: row.apiKeyLast4,
  pausedAt: row.pausedAt?.toISOString() ?? null,
  pausedReason: row.pausedReason,
  trouble: troubleOf(circuits.filter(({ endpointId }) => endpointId === row.id)),
  createdAt: row.createdAt.toISOString(),
  sample: row.kind === "local" && isSample(row.upstreamId) ? row.upstreamId : null,
  hookOrigin: hookOrigin(row.kind),
});

/** Of open circuits, the one that has been open longest. */
function troubleOf(circuits: readonly CircuitState[]): EndpointRow["trouble"] {
  const open = circuits.flatMap(({ openedAt, words }) => (openedAt ? [{ openedAt, words }] : []));
  const first = open.sort((a, b) => a.openedAt.getTime() - b.openedAt.getTime())[0];
  return first ? { words: first.words, since: first.openedAt.toISOString() } : null;
}

/** A view schema has no field for the key: only its last four characters are ever shown. */
const sealedKey = (place: { workspaceId: string; id: string }, apiKey: string) => ({
  apiKeySealed: vault().seal(apiKey, sealedKeyPlace(place)),
  apiKeyLast4: apiKey.length >= 12 ? apiKey.slice(-4) : "",
  credentialFingerprint: vault().fingerprint(apiKey),
});

const nameTaken = (name: string) => {
  const message = `There is already an endpoint named “${name}”. Choose another name.`;
  return new AppError("conflict", message, { fields: { name: message } });
};
const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error &&
  ((error as { code?: unknown }).code === "23505" ||
    (error.cause !== undefined && isUniqueViolation(error.cause)));

async function insertEndpoint(
  tx: Tx,
  workspaceId: string,
  input: { kind: EndpointKind; name: string; upstreamId: string; baseUrl: string | null; apiKey: string },
): Promise<{ id: string }> {
  const id = newId();
  const { apiKey, ...rest } = input;
  await tx.insert(endpoint).values({ id, workspaceId, ...rest, ...sealedKey({ workspaceId, id }, apiKey) });
  return { id };
}

async function insertLocal(
  tx: Tx,
  workspaceId: string,
  name: string,
  handler: (typeof SAMPLES)[number] | null,
): Promise<{ id: string }> {
  const { apiKey } = await createLocalEndpoint(tx, { workspaceId, name, handler });
  return insertEndpoint(tx, workspaceId, { kind: "local", name, upstreamId: name, baseUrl: null, apiKey });
}

/** The two endpoints of a fresh workspace, with their workers started on demand. */
export async function addSampleEndpoints(tx: Tx, workspaceId: string): Promise<void> {
  for (const name of SAMPLES) await insertLocal(tx, workspaceId, name, name);
}

/** @throws AppError `conflict` for a name in use, `forbidden` for a custom address below admin. */
export async function addEndpoint(ctx: Context, input: AddEndpoint): Promise<{ id: string }> {
  if (input.kind === "custom") requirePermission(ctx.role, "endpoints:custom");
  if (input.kind !== "local") requirePermission(ctx.role, "credentials:edit");
  const workspaceId = ctx.workspace.id;
  try {
    return await db().transaction((tx) =>
      input.kind === "local"
        ? insertLocal(tx, workspaceId, input.name, isSample(input.name) ? input.name : null)
        : insertEndpoint(tx, workspaceId, {
            ...input,
            baseUrl: input.kind === "custom" ? input.baseUrl : null,
          }),
    );
  } catch (error) {
    if (isUniqueViolation(error)) throw nameTaken(input.name);
    throw error;
  }
}

export async function editEndpoint(
  ctx: Context,
  input: { id: string; name?: string; upstreamId?: string; baseUrl?: string; apiKey?: string },
): Promise<null> {
  const row = await loadEndpoint(db(), ctx.workspace.id, input.id);
  const { name, upstreamId, baseUrl, apiKey } = input;
  const isMoved = baseUrl !== undefined && baseUrl !== row.baseUrl;
  if (row.kind === "local" && (upstreamId !== undefined || baseUrl !== undefined || apiKey !== undefined))
    throw new AppError("invalid", "Only the name of a local endpoint can be changed.");
  if (isMoved) {
    requirePermission(ctx.role, "endpoints:custom");
    if (row.kind !== "custom")
      throw new AppError("invalid", "Only custom endpoints have a base URL of their own.");
    // Else an admin of the address could have the stored key sent to a place of their choice.
    if (apiKey === undefined) {
      const message = "Enter the API key again: a stored key is never sent to another address.";
      throw new AppError("invalid", message, { fields: { apiKey: message } });
    }
  }
  if (apiKey !== undefined) requirePermission(ctx.role, "credentials:edit");
  if (upstreamId !== undefined && upstreamId !== row.upstreamId && (await countActiveJobs(db(), row)) > 0)
    throw new AppError(
      "conflict",
      "Jobs are still active under the present endpoint id; under another one they would not be found. Cancel them or wait until they are over, or add a second endpoint.",
    );
  try {
    await db()
      .update(endpoint)
      .set({
        ...(name !== undefined && { name }),
        ...(upstreamId !== undefined && { upstreamId }),
        ...(baseUrl !== undefined && { baseUrl }),
        // A new key is a new chance.
        ...(apiKey !== undefined && { ...sealedKey(row, apiKey), pausedAt: null, pausedReason: null }),
        updatedAt: sql`now()`,
      })
      .where(and(eq(endpoint.id, row.id), eq(endpoint.workspaceId, ctx.workspace.id)));
  } catch (error) {
    if (isUniqueViolation(error)) throw nameTaken(name ?? row.name);
    throw error;
  }
  // Another key, id or address is another chance.
  if (apiKey !== undefined || isMoved || upstreamId !== undefined) await forgetTrouble(db(), row.id);
  return null;
}

const countActiveJobs = async (db: Db | Tx, row: EndpointRecord): Promise<number> => {
  const [found] = await db
    .select({ count: sql<number>`coalesce(sum(${jobCounter.count}), 0)::int` })
    .from(jobCounter)
    .where(
      and(
        eq(jobCounter.workspaceId, row.workspaceId),
        eq(jobCounter.endpointId, row.id),
        notInArray(jobCounter.status, [...TERMINAL_STATUSES, "UNCONFIRMED"]),
      ),
    );
  return found?.count ?? 0;
};

/** Its jobs stay readable; its key is wiped, so nothing is sent or polled any more. */
export async function removeEndpoint(ctx: Context, { id }: { id: string }): Promise<null> {
  const row = await loadEndpoint(db(), ctx.workspace.id, id);
  await db().transaction(async (tx) => {
    // Submits take this lock before they journal: one that is under way is counted, one that comes later is refused.
    await nextRev(tx, ctx.workspace.id);
    const active = await countActiveJobs(tx, row);
    if (active > 0)
      throw new AppError(
        "conflict",
        `${active} ${active === 1 ? "job is" : "jobs are"} still active on this endpoint. Cancel them or wait until they are over; without the endpoint their results could not be fetched.`,
      );
    await tx
      .update(endpoint)
      .set({ removedAt: sql`now()`, updatedAt: sql`now()`, ...sealedKey(row, "removed") })
      .where(and(eq(endpoint.id, id), eq(endpoint.workspaceId, ctx.workspace.id)));
    if (row.kind === "local")
      await removeLocalEndpoint(tx, { workspaceId: ctx.workspace.id, name: row.upstreamId });
  });
  return null;
}

/** A person mended what was wrong there: the key is good again, or the endpoint answers. The next question goes out at once. */
export async function resumeEndpoint(ctx: Context, { id }: { id: string }): Promise<null> {
  await loadEndpoint(db(), ctx.workspace.id, id);
  await db()
    .update(endpoint)
    .set({ pausedAt: null, pausedReason: null, updatedAt: sql`now()` })
    .where(and(eq(endpoint.id, id), eq(endpoint.workspaceId, ctx.workspace.id)));
  await forgetTrouble(db(), id);
  await wakeCollectors(db());
  return null;
}

export async function listEndpoints(ctx: Context): Promise<EndpointRow[]> {
  const rows = await db()
    .select()
    .from(endpoint)
    .where(and(eq(endpoint.workspaceId, ctx.workspace.id), isNull(endpoint.removedAt)))
    .orderBy(asc(endpoint.name));
  const circuits = await readCircuits(
    db(),
    rows.map((row) => row.id),
  );
  return rows.map((row) => toRow(row, circuits));
}

/** @throws AppError `not_found`: also for removed ones. */
export async function readEndpoint(ctx: Context, id: string): Promise<EndpointRow> {
  const row = await loadEndpoint(db(), ctx.workspace.id, id);
  if (row.removedAt) throw new AppError("not_found", "This endpoint was removed.");
  return toRow(row, await readCircuits(db(), [id]));
}

/** Ask `/health` and say in plain words what the answer means. */
export async function testConnection(ctx: Context, input: TestConnection): Promise<ConnectionReport> {
  if ("kind" in input) {
    requirePermission(ctx.role, "credentials:edit");
    if (input.kind === "custom") requirePermission(ctx.role, "endpoints:custom");
  }
  const client =
    "kind" in input
      ? connectTo({ ...input, baseUrl: input.kind === "custom" ? input.baseUrl : null })
      : connect(await loadEndpoint(db(), ctx.workspace.id, input.id));
  const startedAt = performance.now();
  const outcome = await client.health();
  return diagnose(outcome, Math.round(performance.now() - startedAt));
}

/** @throws AppError `upstream` with the diagnosis when the endpoint does not tell. */
export async function readHealth(ctx: Context, id: string): Promise<Health> {
  const report = await testConnection(ctx, { id });
  if (!report.health) throw new AppError("upstream", report.message);
  return report.health;
}
