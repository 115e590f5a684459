import { env } from "@/lib/kernel/env";
import { once } from "@/lib/kernel/once";
import { createEnvelope, deriveKey, type Envelope } from "@/lib/secrets/envelope";

function secret(): Buffer {
  const key = env().secretKey;
  if (!key) throw new Error("JOBDECK_SECRET_KEY is not set: this process was not started by `jobdeck start`");
  return key;
}

/** This installation's envelope. */
export const vault = (): Envelope => once("vault", () => createEnvelope(new Map([[1, secret()]])));

/** Signs session cookies; independent of the envelope's key. */
export const authSecret = (): string => deriveKey(secret(), "auth").toString("base64url");
