"use server";

import { defineAction } from "@/lib/auth/define-action";
import { batchIdSchema, submitBatchSchema } from "@/lib/batches/schema";
import { pauseBatch, resumeBatch, stopBatch, submitBatch } from "@/lib/batches/service";

export const submitBatchAction = defineAction({
  permission: "jobs:submit",
  input: submitBatchSchema,
  run: submitBatch,
});
export const pauseBatchAction = defineAction({
  permission: "jobs:cancel",
  input: batchIdSchema,
  run: pauseBatch,
});
export const resumeBatchAction = defineAction({
  permission: "jobs:submit",
  input: batchIdSchema,
  run: resumeBatch,
});
export const stopBatchAction = defineAction({
  permission: "jobs:cancel",
  input: batchIdSchema,
  run: stopBatch,
});
