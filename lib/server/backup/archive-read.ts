import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { z } from "zod";
import { AppError } from "@/lib/kernel/errors";
import { END_OF_ROWS, HEAD, TITLE, TITLE_START, TOTALS } from "@/lib/server/backup/archive-format";
import { ArchiveText } from "@/lib/server/backup/archive-text";
import { copyInStatement } from "@/lib/server/backup/copy";
import {
  type Count,
  type Dump,
  FORMAT,
  type Head,
  headSchema,
  type Section,
  totalsSchema,
} from "@/lib/server/backup/manifest";
import { differing, RowMeter } from "@/lib/server/backup/row-meter";

/** Read a backup from its beginning. Its rows can be read once. */
export async function openArchive(file: string): Promise<Dump> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // A fault of the file or of its compression is thrown where the text is read.
  pipeline(createReadStream(file), gunzip).catch(() => {});
  const text = new ArchiveText(gunzip);
  const head = await inFileWords(file, () => readHead(text, file));
  let totals: Count[] | undefined;
  async function* sections(): AsyncGenerator<Section> {
    for (const table of head.tables) {
      if ((await inFileWords(file, () => text.line())) !== `${copyInStatement(table)};`) throw damaged(file);
      yield { table, rows: rowsInFileWords(file, text.until(END_OF_ROWS)) };
    }
    totals = await inFileWords(file, async () => {
      const read = json(await text.line(), TOTALS, totalsSchema);
      if (!(await text.isOver())) throw damaged(file);
      return read;
    });
  }
  return {
    head,
    sections,
    totals() {
      if (!totals) throw new Error("The totals of a backup stand at its end");
      return totals;
    },
  };
}

/**
 * Read a whole backup and compare its rows with what its maker counted.
 * @throws AppError `conflict` when it is not a backup, damaged, cut short, or of a format that this Jobdeck cannot read
 */
export async function checkArchive(file: string): Promise<{ head: Head; totals: Count[] }> {
  const dump = await openArchive(file);
  const counts: Count[] = [];
  for await (const { table, rows } of dump.sections()) {
    const meter = new RowMeter();
    for await (const chunk of rows) meter.add(chunk);
    counts.push(meter.total(table));
  }
  if (differing(counts, dump.totals()).length > 0) throw damaged(file);
  return { head: dump.head, totals: counts };
}

async function readHead(text: ArchiveText, file: string): Promise<Head> {
  const title = await text.line();
  if (!title.startsWith(TITLE_START)) throw notABackup(file);
  if (title !== TITLE) {
    const format = Number.parseInt(title.slice(TITLE_START.length), 10);
    if (!(format > FORMAT)) throw damaged(file);
    throw new AppError(
      "conflict",
      `${file} was made by a newer Jobdeck (format ${format}; this one reads up to ${FORMAT}). Use that version.`,
    );
  }
  return json(await text.line(), HEAD, headSchema);
}

function json<T>(line: string, start: string, schema: z.ZodType<T>): T {
  if (!line.startsWith(start)) throw new SyntaxError(`a line does not start with ${start}`);
  return schema.parse(JSON.parse(line.slice(start.length)));
}

const notABackup = (file: string): AppError =>
  new AppError("conflict", `${file} is not a backup made by \`jobdeck backup\`.`);

export const damaged = (file: string): AppError =>
  new AppError(
    "conflict",
    `${file} is damaged or was cut short: it is not what \`jobdeck backup\` wrote. Use another backup.`,
  );

async function inFileWords<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explained(file, error);
  }
}

async function* rowsInFileWords(file: string, rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = rows[Symbol.asyncIterator]();
  for (;;) {
    // Around the reading only: what happens to whoever reads is not the file's fault.
    const next = await inFileWords(file, () => iterator.next());
    if (next.done) return;
    yield next.value;
  }
}

function explained(file: string, error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "Z_DATA_ERROR" && message.includes("header check")) return notABackup(file);
  if (typeof code === "string" && /^E[A-Z]+$/.test(code))
    return new AppError(
      "conflict",
      `${file} cannot be read: ${code === "ENOENT" ? "there is no such file" : message}.`,
    );
  // What zlib, JSON and the schema say about bytes that nobody wrote so.
  return damaged(file);
}
