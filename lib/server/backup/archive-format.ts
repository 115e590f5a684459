import { FORMAT } from "@/lib/server/backup/manifest";

/**
 * What a backup file is, once unzipped: a text that psql could run on an empty database that has the tables. It is
 * comments with one line of JSON each (`head` first, `totals` last) and, between them, COPY statements with their rows.
 */
export const TITLE_START = "-- Jobdeck backup, format ";
export const TITLE = `${TITLE_START}${FORMAT}. Keys and requests in it are sealed: whoever restores it needs the secret key (JOBDECK_SECRET_KEY, or secret.key of the data directory), which is NOT in this file.`;
export const HEAD = "-- head ";
export const TOTALS = "-- totals ";
/** No row looks like this: COPY writes a backslash in a value as two. */
export const END_OF_ROWS = "\\.\n";
