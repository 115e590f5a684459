import type { EndpointRow } from "@/lib/endpoints/schema";
import type { PastedAddress, PastedRequest } from "@/lib/requests/imports-pasted";
import { snippetTarget } from "@/lib/requests/snippets-target";

type Known = Pick<EndpointRow, "id" | "name" | "kind" | "baseUrl" | "upstreamId">;

/** The workspace's endpoint that a paste was addressed to. Where several have its id, the one at the same address. */
export function matchEndpoint<E extends Known>(
  address: PastedAddress | null,
  endpoints: readonly E[],
  origin: string,
): E | null {
  if (!address) return null;
  const named = endpoints.filter(({ upstreamId }) => upstreamId === address.endpointId);
  return named.find((each) => snippetTarget(each, origin).baseUrl === address.baseUrl) ?? named[0] ?? null;
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** What was taken out of a paste, to follow "Taken:". */
export function takenWords({ fields }: PastedRequest): string {
  return list([
    "the input",
    ...(fields.webhook !== undefined ? ["the webhook"] : []),
    ...(fields.executionTimeoutMs !== undefined ? ["the execution timeout"] : []),
    ...(fields.ttlMs !== undefined ? ["the time to live"] : []),
    ...(fields.lowPriority ? ["low priority"] : []),
    ...(fields.s3 ? ["the S3 storage with its keys"] : []),
  ]);
}

/** What a person should know about a paste beyond what was taken, in sentences. */
export function pastedNotes(
  { address, unknownKeys, notes }: PastedRequest,
  endpoint: { name: string } | null,
): string[] {
  const words = [];
  if (endpoint) words.push(`The endpoint is ${endpoint.name}.`);
  else if (address)
    words.push(
      `It was for the endpoint ${address.endpointId.slice(0, 60)}, which this workspace does not have; the chosen endpoint stays.`,
    );
  if (unknownKeys.length > 0) {
    const shown = unknownKeys.slice(0, 8).map((key) => key.slice(0, 40));
    const rest = unknownKeys.length - shown.length;
    words.push(
      `Left out, because the provider discards ${unknownKeys.length === 1 ? "it" : "them"}: ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`,
    );
  }
  return [...words, ...notes];
}
