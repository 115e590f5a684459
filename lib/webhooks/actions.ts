"use server";

import { defineAction } from "@/lib/auth/define-action";
import { testDeliverySchema } from "@/lib/webhooks/schema";
import { testDelivery } from "@/lib/webhooks/service";

export const testDeliveryAction = defineAction({
  permission: "jobs:submit",
  input: testDeliverySchema,
  run: testDelivery,
});
