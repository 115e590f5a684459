"use server";

import { defineAction } from "@/lib/auth/define-action";
import { endpointIdSchema } from "@/lib/endpoints/schema";
import { rotateWorkerKey, showWorkerEnvironment } from "@/lib/local-endpoint/service";

export const showWorkerEnvironmentAction = defineAction({
  permission: "credentials:edit",
  input: endpointIdSchema,
  run: showWorkerEnvironment,
});
export const rotateWorkerKeyAction = defineAction({
  permission: "credentials:edit",
  input: endpointIdSchema,
  run: rotateWorkerKey,
});
