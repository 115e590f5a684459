"use server";

import { defineAction } from "@/lib/auth/define-action";
import { jobIdSchema, runAgainSchema, submitSchema } from "@/lib/jobs/schema";
import { cancelJob, markNotSent, resendJob, retryJob, runAgain, submitJob } from "@/lib/jobs/service";

export const submitJobAction = defineAction({
  permission: "jobs:submit",
  input: submitSchema,
  run: submitJob,
});
export const runAgainAction = defineAction({
  permission: "jobs:submit",
  input: runAgainSchema,
  run: runAgain,
});
export const cancelJobAction = defineAction({
  permission: "jobs:cancel",
  input: jobIdSchema,
  run: cancelJob,
});
export const retryJobAction = defineAction({ permission: "jobs:submit", input: jobIdSchema, run: retryJob });
export const resendJobAction = defineAction({
  permission: "jobs:submit",
  input: jobIdSchema,
  run: resendJob,
});
export const markNotSentAction = defineAction({
  permission: "jobs:submit",
  input: jobIdSchema,
  run: markNotSent,
});
