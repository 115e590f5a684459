export const OPERATIONS = [
  "run",
  "runsync",
  "status",
  "status-sync",
  "cancel",
  "retry",
  "purge-queue",
  "health",
] as const;

export type Operation = (typeof OPERATIONS)[number];

export type Route = { operation: Operation; endpointId: string; jobId: string | undefined; query: string };

const KNOWN = new Set<string>(OPERATIONS);
const WITH_JOB = new Set<Operation>(["status", "status-sync", "cancel", "retry"]);

/** `/v2/{endpointId}/{operation}[/{jobId}][?query]`, or undefined when the path is none of the provider's. */
export function parsePath(url: string): Route | undefined {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const [, version, endpointId, operation, jobId, ...rest] = path.split("/");
  if (version !== "v2" || !endpointId || !operation || !KNOWN.has(operation) || rest.length > 0)
    return undefined;
  const known = operation as Operation;
  if (WITH_JOB.has(known) !== Boolean(jobId)) return undefined;
  return { operation: known, endpointId, jobId, query: mark < 0 ? "" : url.slice(mark + 1) };
}
