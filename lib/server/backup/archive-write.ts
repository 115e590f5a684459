import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { AppError } from "@/lib/kernel/errors";
import { failpoint } from "@/lib/kernel/failpoint";
import { END_OF_ROWS, HEAD, TITLE, TOTALS } from "@/lib/server/backup/archive-format";
import { copyInStatement } from "@/lib/server/backup/copy";
import type { Dump } from "@/lib/server/backup/manifest";

async function* archiveText(dump: Dump): AsyncGenerator<Buffer> {
  yield Buffer.from(`${TITLE}\n${HEAD}${JSON.stringify(dump.head)}\n`);
  for await (const { table, rows } of dump.sections()) {
    yield Buffer.from(`${copyInStatement(table)};\n`);
    yield* rows;
    yield Buffer.from(END_OF_ROWS);
    failpoint("backup-table");
  }
  yield Buffer.from(`${TOTALS}${JSON.stringify(dump.totals())}\n`);
}

const partial = (file: string): string => `${file}.partial`;

/**
 * Write a backup under its own name only when all of it is on the disk and `check` has read it: whatever ends this
 * earlier leaves a `.partial` at most.
 * @returns its size in bytes
 * @throws AppError `conflict` when the file exists, cannot be written, or another backup is writing the same one
 */
export async function writeArchive(
  file: string,
  dump: Dump,
  signal: AbortSignal,
  check: (written: string) => Promise<void>,
): Promise<number> {
  await refuseExisting(file);
  const draft = partial(file);
  const handle = await inFileWords(file, async () => {
    await rm(draft, { force: true }); // of a backup that was killed
    return open(draft, "wx", 0o600);
  });
  try {
    const text = Readable.from(archiveText(dump), { objectMode: true });
    const gzip = createGzip({ level: 4, chunkSize: 1 << 18 });
    await pipeline(text, gzip, intoFile(file, handle), { signal });
    await inFileWords(file, () => handle.sync());
    await check(draft);
    const written = await handle.stat();
    await refuseStranger(draft, written);
    await refuseExisting(file);
    failpoint("backup-before-name");
    await inFileWords(file, () => rename(draft, file));
    await syncDirectory(path.dirname(file));
    return written.size;
  } catch (error) {
    if (isSameFile(await handle.stat(), await lstatOrNothing(draft))) await rm(draft, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** A file's own write stream would close the handle, which is still needed. */
const intoFile = (file: string, handle: FileHandle) =>
  async function writeAll(chunks: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of chunks) await inFileWords(file, () => handle.writeFile(chunk));
  };

async function refuseExisting(file: string): Promise<void> {
  if (await lstatOrNothing(file))
    throw new AppError(
      "conflict",
      `${file} exists already, and a backup is never written over anything. Choose another name.`,
    );
}

/** Another backup to the same name removes our draft and makes its own, which must not be taken for ours. */
async function refuseStranger(draft: string, written: Stats): Promise<void> {
  if (!isSameFile(written, await lstatOrNothing(draft)))
    throw new AppError("conflict", `Another backup is being written to the same name (${draft}).`);
}

const isSameFile = (a: Stats, b: Stats | undefined): boolean => a.ino === b?.ino && a.dev === b.dev;

async function lstatOrNothing(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function inFileWords<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string") throw error;
    const why =
      code === "ENOSPC"
        ? "the disk is full"
        : code === "ENOENT"
          ? "its directory does not exist"
          : (error as Error).message;
    throw new AppError("conflict", `${file} cannot be written: ${why}.`, { cause: error });
  }
}

/** The new name is on the disk as well. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
