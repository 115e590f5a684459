import type { RequestSpec } from "@/lib/requests/schema";

export const MASK = "••••••••";

/** Show that a secret is there and which one, never what it is. */
const masked = (value: string) => (value.length > 8 ? `${MASK}${value.slice(-4)}` : MASK);

/**
 * The exact text of the `/run` body. The input is spliced in as it was written; only the provider's keys exist.
 * @param webhook what is sent as `webhook`: the person's own, or our receiver that relays to it.
 */
export function wireBody(spec: RequestSpec, webhook: string | undefined = spec.webhook): string {
  const policy = {
    ...(spec.executionTimeoutMs !== undefined && { executionTimeout: spec.executionTimeoutMs }),
    ...(spec.ttlMs !== undefined && { ttl: spec.ttlMs }),
    ...(spec.lowPriority && { lowPriority: true }),
  };
  const members = [`"input":${spec.inputText.trim()}`];
  if (webhook) members.push(`"webhook":${JSON.stringify(webhook)}`);
  if (Object.keys(policy).length > 0) members.push(`"policy":${JSON.stringify(policy)}`);
  if (spec.s3) members.push(`"s3Config":${JSON.stringify(spec.s3)}`);
  return `{${members.join(",")}}`;
}

/** The same request with its secrets covered, for every screen, log and copy. */
export const maskRequest = (spec: RequestSpec): RequestSpec =>
  spec.s3 ? { ...spec, s3: { ...spec.s3, accessId: masked(spec.s3.accessId), accessSecret: MASK } } : spec;
