import { z } from "zod";
import { type RequestFields, requestSchema } from "@/lib/requests/schema";

export const composeSchema = z.object({
  endpointId: z.uuid("Choose the endpoint that the request goes to."),
  request: requestSchema,
});
export type ComposeValues = z.input<typeof composeSchema>;
export type ComposeOutput = z.output<typeof composeSchema>;

/** What the page starts the form with: empty, a sample's good request, or an earlier job's. */
export type ComposeStart = {
  endpointId: string | null;
  request: RequestFields;
  /** The job that this request was taken from; its secrets are used again on the server unless new ones are typed. */
  originJobId?: string;
  /** It is what the person was writing and has not sent. */
  draft?: { version: number; savedAt: string };
};
