import type { Context, Hono } from "hono";
import { whileDatabaseIsDown } from "@/lib/db/retry";
import { AppError } from "@/lib/kernel/errors";
import { newId } from "@/lib/kernel/ids";
import { door, ID, OUTAGE_MS, pathId } from "@/lib/local-endpoint/authenticate";
import type { LocalEndpointDeps } from "@/lib/local-endpoint/deps";
import { spliceMembers } from "@/lib/local-endpoint/json-members";
import { longPoll } from "@/lib/local-endpoint/long-poll";
import { queryNumber, rawJson } from "@/lib/local-endpoint/reply";
import { readBody } from "@/lib/local-endpoint/request-body";
import {
  cancelJob,
  drainChunks,
  type EndpointRef,
  findJob,
  insertJob,
  listJobs,
  purgeQueue,
  readHealth,
  resetRetention,
  retryJob,
} from "@/lib/local-endpoint/store";
import { readSubmission } from "@/lib/local-endpoint/submission";
import { isOver, type JobRow, statusMembers } from "@/lib/local-endpoint/wire";
import { RUN_BODY_MAX_BYTES, RUNSYNC_BODY_MAX_BYTES } from "@/lib/requests/limits";

const SYNC_WAIT_MS = { min: 1000, max: 300_000, fallback: 90_000 };
const STREAM_WAIT_MS = { min: 1000, max: 300_000, fallback: 10_000 };
const KEEP_MS = { min: 0, max: 7 * 24 * 3600 * 1000, fallback: Number.NaN };
const PAGE_SIZE = 100;

const noSuchJob = () =>
  new AppError("not_found", "There is no such job: it never existed, or its ttl or retention is over.");
const statusReply = (c: Context, job: JobRow) => rawJson(c, spliceMembers(statusMembers(job)));
const megabytes = (bytes: number) => `${bytes / 1024 / 1024} MB`;

/** The job API of `runpod-api.md` §1, spoken by the official SDKs. GET and POST mean the same where the platform takes both. */
export function mountJobApi(app: Hono, deps: LocalEndpointDeps): void {
  const submit = async (c: Context, endpoint: EndpointRef, sync: boolean): Promise<string> => {
    const maxBytes = sync ? RUNSYNC_BODY_MAX_BYTES : RUN_BODY_MAX_BYTES;
    const read = await readBody(c.req.raw, maxBytes);
    if (!read.ok)
      throw new AppError(
        "invalid",
        read.why === "too_large"
          ? `The body is larger than the ${megabytes(maxBytes)} that ${sync ? "/runsync" : "/run"} takes.`
          : "The body is not UTF-8 text.",
      );
    const { body, ...submission } = readSubmission(read.text);
    const id = `${sync ? "sync-" : ""}${newId()}-l1`;
    const place = { workspaceId: endpoint.workspaceId, kind: "local-job", rowId: id };
    const job = { ...submission, id, sync, sealed: deps.vault().seal(body, place) };
    // A 5xx to /run leaves its sender in doubt, so a restart of the database is waited for.
    await whileDatabaseIsDown(() => insertJob(deps.db(), endpoint, job), OUTAGE_MS);
    return id;
  };

  const find = async (endpoint: EndpointRef, jobId: string): Promise<JobRow> => {
    const job = await findJob(deps.db(), endpoint, jobId);
    if (!job) throw noSuchJob();
    return job;
  };

  /** The job once it is over, else as it is when the wait ends. */
  const waitForEnd = async (c: Context, endpoint: EndpointRef, jobId: string): Promise<Response> => {
    const over = await longPoll(
      async () => {
        const job = await find(endpoint, jobId);
        return isOver(job.status) ? job : undefined;
      },
      {
        hub: deps.hub(),
        keys: [`job:${jobId}`],
        holdMs: queryNumber(c, "wait", SYNC_WAIT_MS),
        signal: c.req.raw.signal,
      },
    );
    return statusReply(c, over ?? (await find(endpoint, jobId)));
  };

  app.post(
    "/:name/run",
    door(deps, { key: "api", limit: "run" }, async (c, endpoint) => {
      const id = await submit(c, endpoint, false);
      return rawJson(c, JSON.stringify({ id, status: "IN_QUEUE" }));
    }),
  );

  app.post(
    "/:name/runsync",
    door(deps, { key: "api", limit: "runsync" }, async (c, endpoint) =>
      waitForEnd(c, endpoint, await submit(c, endpoint, true)),
    ),
  );

  app.on(
    ["GET", "POST"],
    "/:name/status/:job",
    door(deps, { key: "api", limit: "status" }, async (c, endpoint) => {
      const jobId = pathId(c, "job");
      const job = await find(endpoint, jobId);
      const keepMs = queryNumber(c, "ttl", KEEP_MS);
      if (!Number.isNaN(keepMs)) await resetRetention(deps.db(), endpoint, jobId, keepMs);
      return statusReply(c, job);
    }),
  );

  app.on(
    ["GET", "POST"],
    "/:name/status-sync/:job",
    door(deps, { key: "api", limit: "status" }, (c, endpoint) => waitForEnd(c, endpoint, pathId(c, "job"))),
  );

  app.on(
    ["GET", "POST"],
    "/:name/stream/:job",
    door(deps, { key: "api", limit: "status" }, async (c, endpoint) => {
      const jobId = pathId(c, "job");
      const look = async () => {
        // The status first: a job that is over by then has all its chunks in the buffer.
        const { status } = await find(endpoint, jobId);
        return { status, chunks: await drainChunks(deps.db(), endpoint, jobId) };
      };
      const seen = await longPoll(
        async () => {
          const now = await look();
          return now.chunks.length > 0 || isOver(now.status) ? now : undefined;
        },
        {
          hub: deps.hub(),
          keys: [`job:${jobId}`],
          holdMs: queryNumber(c, "wait", STREAM_WAIT_MS),
          signal: c.req.raw.signal,
        },
      );
      const { status, chunks } = seen ?? { ...(await find(endpoint, jobId)), chunks: [] };
      const stream = `[${chunks.map((output) => spliceMembers({ output })).join(",")}]`;
      return rawJson(c, spliceMembers({ status: JSON.stringify(status), stream }));
    }),
  );

  app.post(
    "/:name/cancel/:job",
    door(deps, { key: "api", limit: "cancel" }, async (c, endpoint) => {
      const job = await cancelJob(deps.db(), endpoint, pathId(c, "job"));
      if (!job) throw noSuchJob();
      return rawJson(c, JSON.stringify({ id: job.id, status: job.status }));
    }),
  );

  app.post(
    "/:name/retry/:job",
    door(deps, { key: "api" }, async (c, endpoint) => {
      const jobId = pathId(c, "job");
      const { status } = await find(endpoint, jobId);
      if (!(await retryJob(deps.db(), endpoint, jobId)))
        throw new AppError(
          "invalid",
          `Only FAILED and TIMED_OUT jobs can be retried; this one is ${status}.`,
        );
      return rawJson(c, JSON.stringify({ id: jobId, status: "IN_QUEUE" }));
    }),
  );

  app.post(
    "/:name/purge-queue",
    door(deps, { key: "api", limit: "purge-queue" }, async (c, endpoint) => {
      const removed = await purgeQueue(deps.db(), endpoint);
      return rawJson(c, JSON.stringify({ removed, status: "completed" }));
    }),
  );

  app.get(
    "/:name/health",
    door(deps, { key: "api" }, async (c, endpoint) => {
      const health = await readHealth(deps.db(), endpoint);
      const { completed, failed, retried, inQueue, inProgress, initializing, idle, running } = health;
      const workers = { idle, initializing, ready: idle, running, throttled: 0, unhealthy: 0 };
      return rawJson(
        c,
        JSON.stringify({ jobs: { completed, failed, inProgress, inQueue, retried }, workers }),
      );
    }),
  );

  app.get(
    "/:name/requests",
    door(deps, { key: "api", limit: "requests" }, async (c, endpoint) => {
      const lastId = c.req.query("lastId");
      if (lastId !== undefined && !ID.test(lastId)) throw new AppError("invalid", "lastId is not a job id.");
      const jobs = await listJobs(deps.db(), endpoint, { lastId, limit: PAGE_SIZE });
      return rawJson(c, `{"requests":[${jobs.map((job) => spliceMembers(statusMembers(job))).join(",")}]}`);
    }),
  );
}
