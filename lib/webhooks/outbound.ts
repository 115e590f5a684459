import { request } from "undici";
import { RefusedAddressError } from "@/lib/upstream/address-guard";
import { guardedDispatcher } from "@/lib/upstream/transport";

const ATTEMPT_TIMEOUT_MS = 10_000;

export type CallOutcome = { status: number | null; error: string | null };

/** POST to an address that a person gave: guarded, redirects not followed, 10 s at most. Never throws. */
export async function callWebhook(webhook: string, body: string): Promise<CallOutcome> {
  try {
    const answer = await request(webhook, {
      method: "POST",
      dispatcher: guardedDispatcher(new URL(webhook)),
      headers: { "content-type": "application/json", "user-agent": "Jobdeck" },
      body,
      signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
    });
    await answer.body.dump();
    return { status: answer.statusCode, error: null };
  } catch (error) {
    return { status: null, error: wordsFor(error, webhook) };
  }
}

const KNOWN: Record<string, string> = {
  ENOTFOUND: "There is no host of that name.",
  EAI_AGAIN: "The host's name could not be looked up just now.",
  ECONNREFUSED: "Nothing listens at that host and port.",
  ECONNRESET: "The host closed the connection before it answered.",
  UND_ERR_SOCKET: "The host closed the connection before it answered.",
  UND_ERR_CONNECT_TIMEOUT: "No connection within 5 s.",
  CERT_HAS_EXPIRED: "The host's certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The host's certificate is self-signed.",
  SELF_SIGNED_CERT_IN_CHAIN: "The host's certificate is signed by nobody that this server trusts.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The host's certificate is signed by nobody that this server trusts.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The host's certificate is made for another name.",
};

/** Never the driver's own message: it may carry the address with its token. */
function wordsFor(error: unknown, webhook: string): string {
  const code = (error as { code?: unknown }).code;
  if (error instanceof RefusedAddressError || code === "JOBDECK_REFUSED_ADDRESS")
    return webhook.toLowerCase().startsWith("http:")
      ? "Plain http is not allowed there; use https. Addresses inside a private network are not allowed either."
      : "The address is inside a private network, which this server does not allow.";
  if ((error as Error).name === "TimeoutError") return "No answer within 10 s.";
  if (typeof code !== "string") return "No connection.";
  return KNOWN[code] ?? `No connection (${code}).`;
}
