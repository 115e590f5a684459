import { z } from "zod";
import { addEndpointSchema } from "@/lib/endpoints/schema";

/** One flat form for all kinds; what a kind does not have is left out before the shared rules look at it. */
export type EndpointFormValues = {
  kind: "runpod" | "custom" | "local";
  name: string;
  upstreamId: string;
  apiKey: string;
  baseUrl: string;
};

const fieldsOf = ({ kind, name, upstreamId, apiKey, baseUrl }: EndpointFormValues) => {
  if (kind === "local") return { kind, name };
  return { kind, name, upstreamId, apiKey, ...(kind === "custom" && { baseUrl }) };
};

export const endpointFormSchema = z
  .custom<EndpointFormValues>((value) => typeof value === "object" && value !== null)
  .transform(fieldsOf)
  .pipe(addEndpointSchema);
