import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { parseEnv } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { newId } from "@/lib/kernel/ids";

/** Row of the table `install`: which key the sealed values of this database need. */
export const FINGERPRINT = "secret_key_fingerprint";

/**
 * The key that seals the credentials: JOBDECK_SECRET_KEY, else `<dataDir>/secret.key`, else a new one kept there. The
 * database remembers the key's fingerprint, so that a host without the right key says so at once, instead of making one of
 * its own and failing later on every credential.
 * @throws AppError `invalid` when the database needs another key
 */
export async function secretKeyFor(
  databaseUrl: string,
  dataDir: string,
  given: Buffer | undefined,
): Promise<Buffer> {
  const file = keyFile(dataDir);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const read = async (): Promise<string | undefined> =>
      (await client.query("select value from install where key = $1", [FINGERPRINT])).rows[0]?.value;
    let wanted = await read();
    const kept = given ?? readKey(file);
    if (wanted !== undefined && !kept)
      throw new AppError(
        "invalid",
        `The database was set up with a secret key that is not here: JOBDECK_SECRET_KEY is not set and ${file} does not exist. Set JOBDECK_SECRET_KEY to the key of the first host (the text in its secret.key), or restore that file from a backup.`,
      );
    const key = kept ?? createKey(file);
    if (wanted === undefined) {
      await client.query("insert into install (key, value) values ($1, $2) on conflict do nothing", [
        FINGERPRINT,
        fingerprint(key),
      ]);
      wanted = await read(); // another host may have been first
    }
    if (wanted !== fingerprint(key))
      throw new AppError(
        "invalid",
        `${given ? "JOBDECK_SECRET_KEY" : file} is not the secret key that this database was set up with, so nothing sealed in it could be read. Set JOBDECK_SECRET_KEY to the right key.`,
      );
    return key;
  } finally {
    await client.end();
  }
}

/** Enough to recognise the key, useless to find it: the key has 256 bits of entropy. */
export const fingerprint = (key: Buffer): string =>
  createHash("sha256").update("jobdeck secret key\0").update(key).digest("hex").slice(0, 32);

export const keyFile = (dataDir: string): string => path.join(dataDir, "secret.key");

export function readKey(file: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { secretKey } = parseEnv({ JOBDECK_SECRET_KEY: text });
    if (secretKey) return secretKey;
  } catch {
    // The same message as for an empty file.
  }
  throw new AppError(
    "invalid",
    `${file} does not hold a secret key (32 bytes as base64). Restore it from a backup.`,
  );
}

/** On the disk before anything is sealed with it; two starts at once end up with the same key. */
function createKey(file: string): Buffer {
  const draft = `${file}.${newId()}`;
  const fd = openSync(draft, "wx", 0o600);
  try {
    writeFileSync(fd, `${randomBytes(32).toString("base64")}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return readKey(file)!;
}
