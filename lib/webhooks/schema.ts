import { z } from "zod";
import { requestSchema } from "@/lib/requests/schema";

export const testDeliverySchema = z.object({ webhook: requestSchema.shape.webhook });

export type DeliveryReport = {
  /** HTTP status of the receiver; null when none came. */
  status: number | null;
  ms: number;
  isDelivered: boolean;
  /** What happened and what to do, in plain words. */
  message: string;
};
