"use server";

import { defineAction } from "@/lib/auth/define-action";
import { endpointIdSchema } from "@/lib/endpoints/schema";
import { rotateWorkerKey, workerEnvironment } from "@/lib/local-endpoint/service";

/** The variables with the worker key in plain text: asked for by a click, never part of a page. */
export const showWorkerEnvironmentAction = defineAction({
  permission: "credentials:edit",
  input: endpointIdSchema,
  run: (ctx, { id }) => workerEnvironment(ctx, id),
});
export const rotateWorkerKeyAction = defineAction({
  permission: "credentials:edit",
  input: endpointIdSchema,
  run: (ctx, { id }) => rotateWorkerKey(ctx, id),
});
