import { createHash, randomBytes } from "node:crypto";

/** UUIDv7 (RFC 9562): time-ordered, so indexes stay dense. Never parse the time out of it. */
export function newId(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** 256 unguessable bits, URL-safe (43 characters). Store only its {@link tokenHash}. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** SHA-256, lower-case hex. Enough for tokens of full entropy; passwords go through better-auth's scrypt. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");
