/** Where an endpoint's worker key is sealed. */
export const workerKeyPlace = (endpoint: { workspaceId: string; id: string }) => ({
  workspaceId: endpoint.workspaceId,
  kind: "local-worker-key",
  rowId: endpoint.id,
});

/**
 * The variables that a worker process needs, ours as well as an unmodified runpod-python one (`runpod-api.md` §6.1).
 * The URLs carry the SDK's own placeholders; each has a query because the SDK appends `&name=value`.
 */
export function workerVariables({
  origin,
  name,
  workerKey,
  workerId,
}: {
  origin: string;
  name: string;
  workerKey: string;
  workerId: string;
}): Record<string, string> {
  const base = `${origin}/local/v2/${encodeURIComponent(name)}`;
  return {
    RUNPOD_WEBHOOK_GET_JOB: `${base}/job-take/$ID?gpu=local`,
    RUNPOD_WEBHOOK_POST_OUTPUT: `${base}/job-done/$RUNPOD_POD_ID/$ID?gpu=local`,
    RUNPOD_WEBHOOK_POST_STREAM: `${base}/job-stream/$RUNPOD_POD_ID/$ID?gpu=local`,
    RUNPOD_WEBHOOK_PING: `${base}/ping/$RUNPOD_POD_ID?gpu=local`,
    RUNPOD_AI_API_KEY: workerKey,
    RUNPOD_POD_ID: workerId,
    RUNPOD_ENDPOINT_ID: name,
    RUNPOD_PING_INTERVAL: "10000",
    // The start-up checks ask for a GPU and for a name server on the internet, and end the process without them.
    RUNPOD_SKIP_AUTO_SYSTEM_CHECKS: "true",
    RUNPOD_SKIP_GPU_CHECK: "true",
  };
}
