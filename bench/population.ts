import { request } from "undici";
import type { Context } from "@/lib/auth/context";
import { db, pool } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { endpoint } from "@/lib/db/tables/endpoints";
import { job, jobWatch } from "@/lib/db/tables/jobs";
import { workspace } from "@/lib/db/tables/workspaces";
import { sealedKeyPlace } from "@/lib/endpoints/connection";
import { payloadHash, sealRequest } from "@/lib/jobs/request-seal";
import { newId, newToken, tokenHash } from "@/lib/kernel/ids";
import { requestSchema } from "@/lib/requests/schema";
import { vault } from "@/lib/secrets/vault";

export type Seat = { workspaceId: string; endpointId: string };
export type ActiveJob = { id: string; upstreamId: string };
/** Where a scriptable upstream listens, in this process or another. */
export type UpstreamAddress = { url: string; key: string };

/** A workspace with one endpoint that leads to the scriptable upstream. */
export async function seatAt(upstream: UpstreamAddress): Promise<Seat> {
  const workspaceId = newId();
  await db().insert(workspace).values({ id: workspaceId, slug: workspaceId, name: "Bench" });
  return { workspaceId, endpointId: await addEndpoint(upstream, workspaceId, "bench") };
}

/** @returns the id of another endpoint of the same workspace, with limits of its own. */
export async function addEndpoint(
  upstream: UpstreamAddress,
  workspaceId: string,
  upstreamId: string,
): Promise<string> {
  const id = newId();
  await db()
    .insert(endpoint)
    .values({
      id,
      workspaceId,
      name: upstreamId,
      kind: "custom",
      baseUrl: upstream.url,
      upstreamId,
      apiKeySealed: vault().seal(upstream.key, sealedKeyPlace({ workspaceId, id })),
      apiKeyLast4: upstream.key.slice(-4),
      credentialFingerprint: vault().fingerprint(upstream.key),
    });
  return id;
}

/** A person who works at this seat. */
export async function sitDown(seat: Seat): Promise<Context> {
  const person = { id: newId(), name: "Bench", email: `${newId()}@example.com` };
  await db().insert(user).values(person);
  return {
    person,
    workspace: { id: seat.workspaceId, slug: seat.workspaceId, name: "Bench" },
    role: "owner",
  };
}

/** Removes everything of the seat, so that each round starts on tables of the same size. */
export async function clear(seat: Pick<Seat, "workspaceId">): Promise<void> {
  await pool().query("delete from job where workspace_id = $1", [seat.workspaceId]);
  await pool().query("delete from endpoint where workspace_id = $1", [seat.workspaceId]);
  await pool().query("delete from workspace where id = $1", [seat.workspaceId]);
  await pool().query("delete from rate_budget");
  await pool().query("vacuum analyze job, job_watch, job_event, job_output_chunk, workspace");
}

async function accept(upstream: UpstreamAddress, input: unknown): Promise<{ upstreamId: string; at: Date }> {
  const answer = await request(`${upstream.url}/bench/run`, {
    method: "POST",
    headers: { authorization: `Bearer ${upstream.key}`, "content-type": "application/json" },
    body: JSON.stringify({ input }),
  });
  if (answer.statusCode !== 200) throw new Error(`the upstream refused a job: HTTP ${answer.statusCode}`);
  const { id } = (await answer.body.json()) as { id: string };
  return { upstreamId: id, at: new Date(performance.timeOrigin + performance.now()) };
}

/** At once, as a busy web process submits; more would only blur the order. */
const SUBMITS_AT_ONCE = 20;

/**
 * Puts `count` jobs into the upstream's queue and their rows into the database, as they stand after an acknowledged
 * submit. Rows are written in bulk: what is measured begins after the acknowledgement.
 */
export async function addJobs(upstream: UpstreamAddress, seat: Seat, count: number): Promise<ActiveJob[]> {
  const added: ActiveJob[] = [];
  for (let left = count; left > 0; left -= SUBMITS_AT_ONCE) {
    const inputs = Array.from({ length: Math.min(left, SUBMITS_AT_ONCE) }, () => ({ prompt: newToken() }));
    const accepted = await Promise.all(inputs.map((input) => accept(upstream, input)));
    const rows = inputs.map((input, i) => {
      const id = newId();
      const { upstreamId, at } = accepted[i]!;
      const hookToken = newToken();
      const spec = requestSchema.parse({ inputText: JSON.stringify(input) });
      return {
        id,
        ...seat,
        clientKey: crypto.randomUUID(),
        status: "IN_QUEUE",
        upstreamId,
        requestSealed: sealRequest({ id, workspaceId: seat.workspaceId }, { spec, hookToken }),
        payloadHash: payloadHash(seat.endpointId, spec),
        inputSummary: JSON.stringify(input),
        hookTokenHash: tokenHash(hookToken),
        queuedAt: at,
        observedAt: at,
        sendStartedAt: at,
        rev: 0,
      };
    });
    await db().transaction(async (tx) => {
      await tx.insert(job).values(rows);
      await tx.insert(jobWatch).values(
        rows.map(({ id, queuedAt }) => ({
          jobId: id,
          ...seat,
          phase: "queue",
          queuedAt,
          nextPollAt: queuedAt,
        })),
      );
    });
    added.push(...rows.map(({ id, upstreamId }) => ({ id, upstreamId })));
  }
  return added;
}
