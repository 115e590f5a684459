import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "@/lib/kernel/errors";

/** What a sealed value is bound to: copied into another row, workspace or column it no longer opens. */
export type SealedPlace = { workspaceId: string; kind: string; rowId: string };

const aad = (place: SealedPlace) => Buffer.from(`${place.workspaceId}|${place.kind}|${place.rowId}`);

/** Independent keys from one secret: HKDF-SHA-256 with the purpose as info. */
export const deriveKey = (secret: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), `jobdeck ${purpose}`, 32));

export type Envelope = {
  /** `v<key number>.<nonce>.<ciphertext>.<tag>`, each part base64url. */
  seal(plain: string, place: SealedPlace): string;
  /** @throws AppError("internal") when the key is unknown, the text was changed, or it belongs to another place. */
  open(sealed: string, place: SealedPlace): string;
  /** Keyed hash: equal secrets are recognised without being stored. 32 hex digits. */
  fingerprint(secret: string): string;
};

/**
 * AES-256-GCM with a fresh 96-bit nonce per value.
 * @param secrets key number → 32 bytes. New values use the highest number; older ones still open, so a key is rotated
 *   by adding the next number.
 */
export function createEnvelope(secrets: ReadonlyMap<number, Buffer>): Envelope {
  const current = Math.max(...secrets.keys());
  const keys = new Map([...secrets].map(([n, secret]) => [n, deriveKey(secret, "envelope")]));
  const fingerprintKey = deriveKey(secrets.get(Math.min(...secrets.keys()))!, "fingerprint");
  return {
    seal(plain, place) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", keys.get(current)!, nonce);
      cipher.setAAD(aad(place));
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return [`v${current}`, ...[nonce, body, cipher.getAuthTag()].map((b) => b.toString("base64url"))].join(
        ".",
      );
    },
    open(sealed, place) {
      const [version, nonce, body, tag] = sealed.split(".");
      const key = keys.get(Number(version?.slice(1)));
      if (!key || !nonce || body === undefined || !tag)
        throw new AppError(
          "internal",
          "A stored secret was sealed with a key that this server does not have. Check JOBDECK_SECRET_KEY.",
        );
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"), {
          authTagLength: 16,
        });
        decipher.setAAD(aad(place));
        decipher.setAuthTag(Buffer.from(tag, "base64url"));
        return decipher.update(Buffer.from(body, "base64url"), undefined, "utf8") + decipher.final("utf8");
      } catch (cause) {
        throw new AppError(
          "internal",
          "A stored secret could not be opened: it was changed, belongs to another row, or JOBDECK_SECRET_KEY is not the one it was sealed with.",
          { cause },
        );
      }
    },
    fingerprint: (secret) => createHmac("sha256", fingerprintKey).update(secret).digest("hex").slice(0, 32),
  };
}
