import { z } from "zod";

/** Grows when an older Jobdeck could misread a file. */
export const FORMAT = 1;

const table = z.object({
  schema: z.string(),
  name: z.string(),
  columns: z.array(z.string()).min(1),
});

/** Everything that is known before the first row. The tables stand in the order in which they can be loaded. */
export const headSchema = z.object({
  format: z.number().int(),
  /** The version of Jobdeck that made it. */
  jobdeck: z.string(),
  createdAt: z.string(),
  /** The migrations that the database had, oldest first, by the time that names them. */
  migrations: z.array(z.number().int()).min(1),
  /** Of the key that the sealed values need; null where no start has chosen a key yet. */
  secretKeyFingerprint: z.string().nullable(),
  tables: z.array(table),
  /** `schema.sequence` → its last value, as text: rows with the highest numbers may have been deleted. */
  sequences: z.record(z.string(), z.string()),
});

/** SHA-256 over the rows as COPY's text format spells them, in the order of the primary key (bytewise for text). */
const count = z.object({
  table: z.string(),
  rows: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export const totalsSchema = z.array(count);

export type Table = z.infer<typeof table>;
export type Head = z.infer<typeof headSchema>;
export type Count = z.infer<typeof count>;

/** One table's rows, as COPY's text format spells them. To be read to the end, one section after the other. */
export type Section = { table: Table; rows: AsyncIterable<Buffer> };

/** All rows of a Jobdeck, from a database or from a file. */
export type Dump = {
  head: Head;
  /** In the order of `head.tables`. */
  sections: () => AsyncIterable<Section>;
  /** What the maker of the dump counted; known once the last section was read. */
  totals: () => Count[];
};

/** How a person calls a table, and the key of its totals. */
export const nameOf = ({ schema, name }: Pick<Table, "schema" | "name">): string =>
  schema === "public" ? name : `${schema}.${name}`;
