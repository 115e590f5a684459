import { z } from "zod";
import { batchRowSchema } from "@/lib/batches/schema";
import { listBatches, readBatch } from "@/lib/batches/service";
import { readPressure } from "@/lib/endpoints/pressure";
import { endpointRowSchema, healthSchema, pressureSchema } from "@/lib/endpoints/schema";
import { listEndpoints, readHealth } from "@/lib/endpoints/service";
import {
  findOutput,
  outputChunks,
  readJob,
  readJobChanges,
  readJobPage,
  readJobStream,
} from "@/lib/jobs/reads";
import {
  jobChangesSchema,
  jobDetailSchema,
  jobPageSchema,
  jobStreamSchema,
  statesSchema,
  submitSchema,
  submittedSchema,
} from "@/lib/jobs/schema";
import { submitJob } from "@/lib/jobs/service";
import { drainStream } from "@/lib/jobs/stream";
import { defineRoute } from "@/lib/server/http/define-route";
import { outputResponse } from "@/lib/server/http/output-response";

const workspaceParams = z.object({ workspace: z.string() });
const jobParams = workspaceParams.extend({ id: z.uuid() });
const noQuery = z.object({});
const whole = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Pieces are numbered by a 32-bit integer. */
const LAST_SEQ = 2 ** 31 - 1;

const listQuery = z.object({
  state: z
    .string()
    .max(500)
    .transform((list) => list.split(",").filter(Boolean))
    .pipe(statesSchema)
    .optional()
    .describe("Statuses, separated by commas"),
  endpoint: z.uuid().optional(),
  batch: z.uuid().optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const apiRoutes = [
  defineRoute({
    method: "get",
    path: "/jobs",
    permission: "jobs:read",
    summary: "Jobs, newest first, by keyset",
    params: workspaceParams,
    query: listQuery,
    response: jobPageSchema,
    run: (ctx, { query: { state, endpoint, batch, ...page } }) =>
      readJobPage(ctx, { state, endpoint, batch }, page),
  }),
  defineRoute({
    method: "post",
    path: "/jobs",
    permission: "jobs:submit",
    summary: "Submit a request; the same clientKey again answers with the same job",
    params: workspaceParams,
    query: noQuery,
    body: submitSchema,
    response: submittedSchema,
    // JSON text inside JSON text grows by its escapes.
    maxBodyBytes: 24 * 1024 * 1024,
    run: (ctx, { body }) => submitJob(ctx, body),
  }),
  defineRoute({
    method: "get",
    path: "/jobs/changes",
    permission: "jobs:read",
    summary: "Jobs changed since a rev",
    params: workspaceParams,
    query: z.object({ since: whole, endpoint: z.uuid().optional().describe("Narrows the counts only") }),
    response: jobChangesSchema,
    run: (ctx, { query }) => readJobChanges(ctx, query.since, query.endpoint),
  }),
  defineRoute({
    method: "get",
    path: "/jobs/{id}",
    permission: "jobs:read",
    summary: "One job with its request (masked), events and output up to 1 MB",
    params: jobParams,
    query: noQuery,
    response: jobDetailSchema,
    run: (ctx, { params }) => readJob(ctx, params.id),
  }),
  defineRoute({
    method: "get",
    path: "/jobs/{id}/output",
    permission: "jobs:read",
    summary: "The raw output as an attachment; one byte range may be asked for",
    params: jobParams,
    query: noQuery,
    run: async (ctx, { params, headers, method }) => {
      const output = await findOutput(ctx, params.id);
      return outputResponse(params.id, output, { method, headers }, (range) =>
        outputChunks(ctx, output, range),
      );
    },
  }),
  defineRoute({
    method: "get",
    path: "/jobs/{id}/stream",
    permission: "jobs:read",
    summary: "Pieces of a streamed output",
    params: jobParams,
    query: z.object({ after: z.coerce.number().int().min(-1).max(LAST_SEQ).default(-1) }),
    response: jobStreamSchema,
    run: async (ctx, { params, query }) => {
      await drainStream(ctx, params.id);
      return readJobStream(ctx, params.id, query.after);
    },
  }),
  defineRoute({
    method: "get",
    path: "/batches",
    permission: "jobs:read",
    summary: "The newest 100 batches",
    params: workspaceParams,
    query: noQuery,
    response: z.object({ batches: z.array(batchRowSchema) }),
    run: async (ctx) => ({ batches: await listBatches(ctx) }),
  }),
  defineRoute({
    method: "get",
    path: "/batches/{id}",
    permission: "jobs:read",
    summary: "One batch with its jobs per status",
    params: jobParams,
    query: noQuery,
    response: batchRowSchema,
    run: (ctx, { params }) => readBatch(ctx, params.id),
  }),
  defineRoute({
    method: "get",
    path: "/endpoints",
    permission: "endpoints:read",
    summary: "Endpoints of the workspace",
    params: workspaceParams,
    query: noQuery,
    response: z.object({ endpoints: z.array(endpointRowSchema) }),
    run: async (ctx) => ({ endpoints: await listEndpoints(ctx) }),
  }),
  defineRoute({
    method: "get",
    path: "/endpoints/{id}/pressure",
    permission: "endpoints:read",
    summary: "How hard the endpoint is asked by all processes, against its limits, and how late they are",
    params: jobParams,
    query: noQuery,
    response: pressureSchema,
    run: (ctx, { params }) => readPressure(ctx, params.id),
  }),
  defineRoute({
    method: "get",
    path: "/endpoints/{id}/health",
    permission: "endpoints:read",
    summary: "Queue and workers, as the provider counts them",
    params: jobParams,
    query: noQuery,
    response: healthSchema,
    run: (ctx, { params }) => readHealth(ctx, params.id),
  }),
];
