import { existsSync } from "node:fs";
import type { Env } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { fingerprint, keyFile, readKey } from "@/lib/server/secret-key";

/**
 * Whether the secret key that is here is the one that a backup's sealed values need.
 * @returns what a person should know about it
 * @throws AppError `invalid` when another key is here
 */
export function checkKey(settings: Env, wanted: string | null): string {
  if (wanted === null) return "It was made before the first start, so it needs no secret key.";
  const file = keyFile(settings.dataDir);
  const key = settings.secretKey ?? readKey(file);
  if (!key)
    return `The secret key of this backup is not here, and Jobdeck does not start without it: set JOBDECK_SECRET_KEY to it, or put it into ${file} (mode 0600).`;
  if (fingerprint(key) === wanted)
    return "The secret key that is here belongs to it. Jobdeck can be started.";
  const name = settings.secretKey ? "JOBDECK_SECRET_KEY" : file;
  throw new AppError(
    "invalid",
    `${name} is not the secret key that this backup was made with. With it no API key, no request and no session of the backup could be opened, and Jobdeck would refuse to start. Nothing was restored. Give the right key, or take the wrong one away to restore the rows first.`,
  );
}

/** Where the key is that belongs to the values of the present database, in words. */
export function keyPlace(settings: Env): string {
  const file = keyFile(settings.dataDir);
  if (settings.secretKey) return "JOBDECK_SECRET_KEY as it is set now";
  return existsSync(file) ? `the text in ${file}` : "the JOBDECK_SECRET_KEY that Jobdeck runs with";
}
