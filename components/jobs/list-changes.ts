import type { JobChanges, JobFilter, JobPage, JobRow } from "@/lib/jobs/schema";

export type Pages = { pages: JobPage[]; pageParams: unknown[] };

export const matches = (row: JobRow, filter: JobFilter): boolean =>
  (!filter.state?.length || filter.state.includes(row.status)) &&
  (!filter.endpoint || filter.endpoint === row.endpoint.id);

/**
 * Fold a delta into the loaded pages: known rows are patched where they stand, nothing moves, nothing is added. A row
 * that no longer matches the filter stays too, with its new state: it must not vanish under the pointer.
 * @returns the same object when nothing changed.
 */
export function patchPages(data: Pages, changes: JobChanges): Pages {
  const changed = new Map(changes.jobs.map((job) => [job.id, job]));
  let isSame = true;
  const pages = data.pages.map((page, index) => {
    const touched = page.jobs.some((job) => changed.has(job.id));
    const first = index === 0 && (changes.rev > page.rev || changes.counts !== undefined);
    if (!touched && !first) return page;
    isSame = false;
    return {
      ...page,
      ...(touched && { jobs: page.jobs.map((job) => changed.get(job.id) ?? job) }),
      ...(first && { rev: Math.max(page.rev, changes.rev), counts: changes.counts ?? page.counts }),
    };
  });
  return isSame ? data : { ...data, pages };
}

/**
 * Ids of changed jobs that belong into the list but are not loaded. Jobs older than the last loaded row do not count
 * while there are more pages: scrolling will bring them.
 */
export function newcomers(data: Pages, changes: JobChanges, filter: JobFilter): string[] {
  // A batch has all its jobs from the start.
  if (filter.batch) return [];
  const loaded = new Set(data.pages.flatMap((page) => page.jobs.map((job) => job.id)));
  const lastPage = data.pages.at(-1);
  const oldest = lastPage?.nextCursor ? lastPage.jobs.at(-1)?.createdAt : undefined;
  return changes.jobs
    .filter((job) => !loaded.has(job.id) && matches(job, filter) && (!oldest || job.createdAt > oldest))
    .map((job) => job.id);
}
