import { and, asc, desc, eq, gt, inArray, type SQL, sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { endpoint } from "@/lib/db/tables/endpoints";
import { job, jobCounter } from "@/lib/db/tables/jobs";
import { workspace } from "@/lib/db/tables/workspaces";
import type { JobFilter, JobRow } from "@/lib/jobs/schema";
import { AppError } from "@/lib/kernel/errors";

const LIST_ERROR_LENGTH = 300;

export const rowColumns = {
  id: job.id,
  status: job.status,
  rev: job.rev,
  endpointId: job.endpointId,
  endpointName: endpoint.name,
  upstreamId: job.upstreamId,
  inputSummary: job.inputSummary,
  creatorName: user.name,
  createdAt: job.createdAt,
  queuedAt: job.queuedAt,
  startedAt: job.startedAt,
  finishedAt: job.finishedAt,
  delayMs: job.delayMs,
  executionMs: job.executionMs,
  outputState: job.outputState,
  outputBytes: job.outputBytes,
  error: sql<string | null>`left(${job.error}, ${LIST_ERROR_LENGTH})`,
  cancelRequestedAt: job.cancelRequestedAt,
  /** Microseconds matter for the cursor and do not fit a JS date. */
  createdAtText: sql<string>`${job.createdAt}::text`,
};

type Selected = {
  [K in keyof typeof rowColumns]: (typeof rowColumns)[K] extends SQL<infer T>
    ? T
    : (typeof rowColumns)[K] extends { _: { data: infer T; notNull: infer N } }
      ? N extends true
        ? T
        : T | null
      : never;
};
type SelectedRow = Omit<Selected, "creatorName"> & { creatorName: string | null };

const iso = (at: Date | null) => at?.toISOString() ?? null;

export function toRow(row: SelectedRow): JobRow {
  return {
    id: row.id,
    status: row.status,
    rev: row.rev,
    endpoint: { id: row.endpointId, name: row.endpointName },
    upstreamId: row.upstreamId,
    inputSummary: row.inputSummary,
    createdBy: row.creatorName === null ? null : { name: row.creatorName },
    createdAt: row.createdAt.toISOString(),
    queuedAt: iso(row.queuedAt),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    delayMs: row.delayMs,
    executionMs: row.executionMs,
    outputState: row.outputState as JobRow["outputState"],
    outputBytes: row.outputBytes,
    error: row.error,
    cancelRequestedAt: iso(row.cancelRequestedAt),
  };
}

const selectRows = (db: Db) =>
  db
    .select(rowColumns)
    .from(job)
    .innerJoin(endpoint, eq(endpoint.id, job.endpointId))
    .leftJoin(user, eq(user.id, job.createdBy));

const matching = (workspaceId: string, filter: JobFilter): SQL[] => [
  eq(job.workspaceId, workspaceId),
  ...(filter.state?.length ? [inArray(job.status, filter.state)] : []),
  ...(filter.endpoint ? [eq(job.endpointId, filter.endpoint)] : []),
  ...(filter.batch ? [eq(job.batchId, filter.batch)] : []),
];

const encodeCursor = (row: SelectedRow) =>
  Buffer.from(`${row.createdAtText}|${row.id}`).toString("base64url");

const isInstant = (text: string): boolean => {
  const found = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)\+00$/.exec(text);
  const at = new Date(`${found?.[1]}T${found?.[2]}Z`);
  // The 30th of February is the 1st of March to one, an error to the other.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(found?.[1] ?? "");
};
const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** @throws AppError `invalid` for a cursor that this server did not make. */
function afterCursor(cursor: string): SQL {
  const [at = "", id = ""] = Buffer.from(cursor, "base64url").toString("utf8").split("|");
  if (!isInstant(at) || !isUuid(id))
    throw new AppError("invalid", "The page cursor is not valid. Start from the first page.");
  return sql`(${job.createdAt}, ${job.id}) < (${at}::timestamptz, ${id}::uuid)`;
}

/** Newest first, by keyset: page n costs what page 1 costs. */
export async function listJobs(
  db: Db,
  workspaceId: string,
  filter: JobFilter,
  page: { cursor?: string; limit: number },
): Promise<{ jobs: JobRow[]; nextCursor: string | null }> {
  const rows = await selectRows(db)
    .where(and(...matching(workspaceId, filter), page.cursor ? afterCursor(page.cursor) : undefined))
    .orderBy(desc(job.createdAt), desc(job.id))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    jobs: shown.map(toRow),
    nextCursor: rows.length > page.limit && last ? encodeCursor(last) : null,
  };
}

/** Jobs changed after `since`, oldest change first; at most `limit` + 1, so that the caller sees when it was cut. */
export async function listChangedJobs(
  db: Db,
  workspaceId: string,
  since: number,
  limit: number,
): Promise<JobRow[]> {
  const rows = await selectRows(db)
    .where(and(eq(job.workspaceId, workspaceId), gt(job.rev, since)))
    .orderBy(asc(job.rev))
    .limit(limit + 1);
  return rows.map(toRow);
}

export async function findRow(db: Db, workspaceId: string, id: string): Promise<JobRow | null> {
  const [row] = await selectRows(db).where(and(eq(job.workspaceId, workspaceId), eq(job.id, id)));
  return row ? toRow(row) : null;
}

export async function currentRev(db: Db, workspaceId: string): Promise<number> {
  const [row] = await db.select({ rev: workspace.rev }).from(workspace).where(eq(workspace.id, workspaceId));
  return row?.rev ?? 0;
}

/** Jobs per status from the maintained counters. */
export async function countJobs(
  db: Db,
  workspaceId: string,
  endpointId?: string,
): Promise<Record<string, number>> {
  const rows = await db
    .select({ status: jobCounter.status, count: sql<number>`sum(${jobCounter.count})::bigint` })
    .from(jobCounter)
    .where(
      and(
        eq(jobCounter.workspaceId, workspaceId),
        endpointId ? eq(jobCounter.endpointId, endpointId) : undefined,
        gt(jobCounter.count, 0),
      ),
    )
    .groupBy(jobCounter.status);
  return Object.fromEntries(rows.map((row) => [row.status, Number(row.count)]));
}
