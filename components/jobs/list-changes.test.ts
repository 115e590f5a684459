import { expect, it } from "vitest";
import { newcomers, type Pages, patchPages } from "@/components/jobs/list-changes";
import type { JobRow } from "@/lib/jobs/schema";

const endpoint = { id: "e1", name: "sample-image" };
const row = (id: string, status = "IN_QUEUE", minute = 0): JobRow => ({
  id,
  status,
  endpoint,
  rev: 1,
  upstreamId: null,
  inputSummary: "",
  createdBy: null,
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  queuedAt: null,
  startedAt: null,
  finishedAt: null,
  delayMs: null,
  executionMs: null,
  outputState: "none",
  outputBytes: null,
  error: null,
  cancelRequestedAt: null,
});
const pages = (jobs: JobRow[], nextCursor: string | null = null): Pages => ({
  pages: [{ jobs, nextCursor, rev: 1, counts: { IN_QUEUE: 2 } }],
  pageParams: [undefined],
});
const ids = (data: Pages) => data.pages.flatMap((page) => page.jobs.map((job) => `${job.id}:${job.status}`));

it("patches rows where they stand", () => {
  const next = patchPages(pages([row("b"), row("a")]), {
    rev: 2,
    jobs: [row("a", "COMPLETED")],
    counts: { COMPLETED: 1 },
  });
  expect(ids(next)).toEqual(["b:IN_QUEUE", "a:COMPLETED"]);
  expect(next.pages[0]).toMatchObject({ rev: 2, counts: { COMPLETED: 1 } });
});

it("never adds, removes or moves a row", () => {
  const next = patchPages(pages([row("b"), row("a")]), { rev: 2, jobs: [row("c"), row("a", "FAILED")] });
  expect(ids(next)).toEqual(["b:IN_QUEUE", "a:FAILED"]);
});

it("an idle delta changes nothing, not even the object", () => {
  const data = pages([row("a")]);
  expect(patchPages(data, { rev: 1, jobs: [] })).toBe(data);
});

it("a late answer never takes the rev back", () => {
  const data = patchPages(pages([row("a")]), { rev: 9, jobs: [] });
  expect(patchPages(data, { rev: 3, jobs: [row("a", "COMPLETED")] }).pages[0]?.rev).toBe(9);
});

it.each<[name: string, changed: JobRow, filter: object, cursor: string | null, isNew: boolean]>([
  ["a new job counts", row("z", "IN_QUEUE", 9), {}, null, true],
  ["a loaded job does not", row("a", "COMPLETED", 5), {}, null, false],
  ["a job of another state does not", row("z", "FAILED", 9), { state: ["IN_QUEUE"] }, null, false],
  ["a job of another endpoint does not", row("z", "IN_QUEUE", 9), { endpoint: "e2" }, null, false],
  [
    "an old job that came to match counts when all is loaded",
    row("z", "FAILED", 1),
    { state: ["FAILED"] },
    null,
    true,
  ],
  [
    "an old job on a page not yet loaded does not",
    row("z", "FAILED", 1),
    { state: ["FAILED"] },
    "next",
    false,
  ],
])("%s as new", (_name, changed, filter, cursor, isNew) => {
  expect(newcomers(pages([row("a", "IN_QUEUE", 5)], cursor), { rev: 2, jobs: [changed] }, filter)).toEqual(
    isNew ? ["z"] : [],
  );
});
