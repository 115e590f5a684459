import { type EndpointRow, RUNPOD_BASE_URL } from "@/lib/endpoints/schema";

/** Where a program sends the request. */
export type SnippetTarget = {
  endpointId: string;
  /** Everything before `/{endpointId}`. */
  baseUrl: string;
  isDefaultBase: boolean;
  /** Of the `/run` operation. */
  url: string;
  /** With `JOB_ID` in place of a job's id. On one line: it stands in comments. */
  statusUrl: string;
};

/** @param origin where this installation is reached from: local endpoints are served there. */
export function snippetTarget(
  { kind, baseUrl: own, upstreamId }: Pick<EndpointRow, "kind" | "baseUrl" | "upstreamId">,
  origin: string,
): SnippetTarget {
  const baseUrl = kind === "local" ? `${origin}/local/v2` : kind === "custom" && own ? own : RUNPOD_BASE_URL;
  const id = encodeURIComponent(upstreamId);
  return {
    endpointId: upstreamId,
    baseUrl,
    isDefaultBase: baseUrl === RUNPOD_BASE_URL,
    url: `${baseUrl}/${id}/run`,
    statusUrl: `${baseUrl}/${id}/status/JOB_ID`.replace(/[\s\p{Cc}\u2028\u2029]/gu, encodeURIComponent),
  };
}
