"use server";

import { defineAction } from "@/lib/auth/define-action";
import {
  addEndpointSchema,
  editEndpointSchema,
  endpointIdSchema,
  testConnectionSchema,
} from "@/lib/endpoints/schema";
import {
  addEndpoint,
  editEndpoint,
  removeEndpoint,
  resumeEndpoint,
  testConnection,
} from "@/lib/endpoints/service";

export const addEndpointAction = defineAction({
  permission: "endpoints:edit",
  input: addEndpointSchema,
  run: addEndpoint,
});
export const editEndpointAction = defineAction({
  permission: "endpoints:edit",
  input: editEndpointSchema,
  run: editEndpoint,
});
export const removeEndpointAction = defineAction({
  permission: "endpoints:edit",
  input: endpointIdSchema,
  run: removeEndpoint,
});
export const resumeEndpointAction = defineAction({
  permission: "endpoints:edit",
  input: endpointIdSchema,
  run: resumeEndpoint,
});
export const testConnectionAction = defineAction({
  permission: "endpoints:edit",
  input: testConnectionSchema,
  run: testConnection,
});
