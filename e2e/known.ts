import type { APIRequestContext } from "@playwright/test";
import { SLUG } from "@/e2e/fixtures";
import { pagePatterns } from "@/e2e/pages";

/** One row of each kind that exists by now, to fill in the parameters of pages and routes. */
export type Known = { job: string; endpoint: string; batch: string };

export async function knownRows(request: APIRequestContext): Promise<Known> {
  const read = async (what: string) => (await request.get(`/api/w/${SLUG}/${what}`)).json();
  const { jobs } = (await read("jobs?state=COMPLETED&limit=1")) as { jobs: { id: string }[] };
  const { endpoints } = (await read("endpoints")) as { endpoints: { id: string; sample: string | null }[] };
  const { batches } = (await read("batches")) as { batches: { id: string }[] };
  // A sample is always there; the scripted providers of earlier tests have ended.
  const endpoint = endpoints.find(({ sample }) => sample !== null);
  if (!jobs[0] || !endpoint || !batches[0])
    throw new Error("there is no finished job, no endpoint or no batch to look at");
  return { job: jobs[0].id, endpoint: endpoint.id, batch: batches[0].id };
}

/**
 * The address of every page, generated from the files. A page with a parameter that has no value here fails its test, so
 * that no page goes untried.
 */
export function everyPage(known: Known): { pattern: string; path: string; inWorkspace: boolean }[] {
  return pagePatterns().map((pattern) => {
    const path = pattern.replace(/\[([^\]]+)\]/g, (_, name: string) => {
      const before = pattern.slice(0, pattern.indexOf(`[${name}]`));
      if (before === "/") return SLUG;
      if (before.endsWith("/jobs/")) return known.job;
      if (before.endsWith("/batches/")) return known.batch;
      if (before.endsWith("/endpoints/")) return known.endpoint;
      if (before.endsWith("/invite/")) return "a-token-that-nobody-made";
      throw new Error(`${pattern}: no value for [${name}]; teach e2e/known.ts one`);
    });
    return { pattern, path, inWorkspace: pattern.startsWith("/[") };
  });
}
