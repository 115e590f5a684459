import type { Context, Hono } from "hono";
import { whileDatabaseIsDown } from "@/lib/db/retry";
import { AppError } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";
import { door, ID, OUTAGE_MS, pathId } from "@/lib/local-endpoint/authenticate";
import type { LocalEndpointDeps } from "@/lib/local-endpoint/deps";
import { longPoll } from "@/lib/local-endpoint/long-poll";
import { OutputBodyReader } from "@/lib/local-endpoint/output-body";
import { queryNumber, rawJson } from "@/lib/local-endpoint/reply";
import { readBody } from "@/lib/local-endpoint/request-body";
import type { EndpointRef } from "@/lib/local-endpoint/store";
import {
  appendChunk,
  finishJob,
  giveBackJobs,
  recordPing,
  reportProgress,
  seeWorker,
  stopAgain,
  takeJobs,
  takeStops,
} from "@/lib/local-endpoint/store-worker";
import { workerJob } from "@/lib/local-endpoint/submission";
import { readWorkerResult, type WorkerResult } from "@/lib/local-endpoint/worker-result";
import { RUN_BODY_MAX_BYTES, RUNSYNC_BODY_MAX_BYTES, STREAM_CHUNK_MAX_BYTES } from "@/lib/requests/limits";

/** Workers give a take up after 90 s, and a worker that is being ended should not have to wait long. */
const HOLD_MS = 20_000;
const BATCH = { min: 1, max: 100, fallback: 1 };

/** The worker protocol of `runpod-api.md` §6.2, spoken by unmodified runpod-python workers. */
export function mountWorkerApi(app: Hono, deps: LocalEndpointDeps): void {
  /** 204; while this process shuts down it also ends the connection, so that nobody asks it again and again. */
  const nothing = (c: Context): Response =>
    c.body(null, 204, deps.hub().closed ? { connection: "close" } : undefined);

  /** Jobs for a worker as JSON texts, waiting until there is one. */
  const take = async (c: Context, endpoint: EndpointRef, limit: number): Promise<string[]> => {
    const workerId = pathId(c, "worker");
    const { signal } = c.req.raw;
    await seeWorker(deps.db(), endpoint, workerId);
    const taken =
      (await longPoll(
        async () => {
          const rows = await takeJobs(deps.db(), endpoint, { workerId, limit });
          return rows.length > 0 ? rows : undefined;
        },
        { hub: deps.hub(), keys: [`queue:${endpoint.id}`], holdMs: HOLD_MS, signal },
      )) ?? [];
    if (taken.length > 0)
      onLost(signal, () => giveBackJobs(deps.db(), endpoint, { workerId, ids: taken.map(({ id }) => id) }));
    return taken.map(({ id, requestSealed }) => {
      const place = { workspaceId: endpoint.workspaceId, kind: "local-job", rowId: id };
      return workerJob(id, deps.vault().open(requestSealed, place));
    });
  };

  app.get(
    "/:name/job-take/:worker",
    door(deps, { key: "worker" }, async (c, endpoint) => {
      const [job] = await take(c, endpoint, 1);
      return job ? rawJson(c, job) : nothing(c);
    }),
  );

  app.get(
    "/:name/job-take-batch/:worker",
    door(deps, { key: "worker" }, async (c, endpoint) => {
      const jobs = await take(c, endpoint, queryNumber(c, "batch_size", BATCH));
      return jobs.length > 0 ? rawJson(c, `[${jobs.join(",")}]`) : nothing(c);
    }),
  );

  app.get(
    "/:name/job-stop/:worker",
    door(deps, { key: "worker" }, async (c, endpoint) => {
      const workerId = pathId(c, "worker");
      const { signal } = c.req.raw;
      const ids = await longPoll(
        async () => {
          const told = await takeStops(deps.db(), endpoint, workerId);
          return told.length > 0 ? told : undefined;
        },
        { hub: deps.hub(), keys: [`stop:${endpoint.id}:${workerId}`], holdMs: HOLD_MS, signal },
      );
      if (!ids) return nothing(c);
      onLost(signal, () => stopAgain(deps.db(), endpoint, ids));
      return rawJson(c, JSON.stringify({ jobsToStop: ids }));
    }),
  );

  app.post(
    "/:name/job-done/:worker/:job",
    door(deps, { key: "worker" }, async (c, endpoint) => {
      const report = { workerId: pathId(c, "worker"), jobId: pathId(c, "job") };
      const result = await readResult(c.req.raw, report.jobId);
      if (result.kind === "progress")
        await reportProgress(deps.db(), endpoint, { ...report, output: result.output });
      else {
        const end =
          result.kind === "failed"
            ? { ...report, error: result.error }
            : { ...report, output: result.kind === "completed" ? result.output : null };
        // Workers hand a result in three times within 5 s and then drop it.
        await whileDatabaseIsDown(() => finishJob(deps.db(), endpoint, end), OUTAGE_MS);
      }
      if (result.kind === "refused") throw new AppError("invalid", result.why);
      return rawJson(c, "{}");
    }),
  );

  app.post(
    "/:name/job-stream/:worker/:job",
    door(deps, { key: "worker" }, async (c, endpoint) => {
      const reader = new OutputBodyReader(STREAM_CHUNK_MAX_BYTES);
      const read = await readBody(c.req.raw, STREAM_CHUNK_MAX_BYTES, (chunk) => reader.push(chunk));
      if (!read.ok) throw new AppError("invalid", "A streamed value may be at most 1 MB of UTF-8 JSON.");
      const data = outputOf(reader);
      await appendChunk(deps.db(), endpoint, {
        workerId: pathId(c, "worker"),
        jobId: pathId(c, "job"),
        data,
      });
      return rawJson(c, "{}");
    }),
  );

  app.get(
    "/:name/ping/:worker",
    door(deps, { key: "worker" }, async (c, endpoint) => {
      const jobIds = (c.req.query("job_id") ?? "").split(",").filter((id) => ID.test(id));
      await recordPing(deps.db(), endpoint, { workerId: pathId(c, "worker"), jobIds });
      return rawJson(c, "{}");
    }),
  );
}

/**
 * A result that is too large or not JSON is refused with 400, and the job is COMPLETED without output: so does the
 * platform, and no worker sends a refused result again.
 */
async function readResult(
  request: Request,
  jobId: string,
): Promise<WorkerResult | { kind: "refused"; why: string }> {
  const maxBytes = jobId.startsWith("sync-") ? RUNSYNC_BODY_MAX_BYTES : RUN_BODY_MAX_BYTES;
  const reader = new OutputBodyReader(maxBytes);
  const read = await readBody(request, maxBytes, (chunk) => reader.push(chunk));
  if (!read.ok && /^\s*\{\s*"status"\s*:\s*"IN_PROGRESS"/.test(read.start))
    throw new AppError("invalid", "This progress update is too large or not UTF-8, and was not stored.");
  if (!read.ok)
    return {
      kind: "refused",
      why:
        read.why === "too_large"
          ? `The result is larger than ${maxBytes / 1024 / 1024} MB and was not stored. Upload large results and return a URL.`
          : "The result is not UTF-8 text and was not stored.",
    };
  try {
    return readWorkerResult(reader.end());
  } catch {
    return { kind: "refused", why: "The result is not a JSON object and was not stored." };
  }
}

function outputOf(reader: OutputBodyReader): string {
  try {
    return reader.end().output ?? "null";
  } catch {
    throw new AppError("invalid", "A streamed value must be a JSON object with an output.");
  }
}

/** Undo what an answer promised when its connection was gone before the answer was written. */
function onLost(signal: AbortSignal, undo: () => Promise<void>): void {
  const run = () =>
    void undo().catch((error: unknown) => log.error({ err: error }, "could not undo a lost answer"));
  if (signal.aborted) run();
  else signal.addEventListener("abort", run, { once: true });
}
