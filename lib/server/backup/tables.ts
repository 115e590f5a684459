import pg from "pg";
import { loadOrder } from "@/lib/server/backup/load-order";
import { nameOf, type Table } from "@/lib/server/backup/manifest";

/** A table of the database, with what its rows are sorted by. */
export type LiveTable = Table & { sortBy: string[] };

/** Where drizzle keeps which migrations the database has. */
export const MIGRATIONS = { schema: "drizzle", name: "__drizzle_migrations" } as const;

/** Not what an extension brought along. */
const ours = (catalog: "pg_class" | "pg_proc", oid: string): string =>
  `not exists (select from pg_depend d where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;

// Texts are sorted by their bytes: two databases with different collations must agree about the order.
const TABLES = `
select n.nspname as schema, c.relname as name,
  array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
  array(select quote_ident(a.attname) || case when a.attcollation <> 0 then ' collate "C"' else '' end
        from pg_index i cross join unnest(i.indkey) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
        where i.indrelid = c.oid and i.indisprimary order by k.place) as "sortBy",
  array(select f.relname::text from pg_constraint x join pg_class f on f.oid = x.confrelid
        where x.conrelid = c.oid and x.contype = 'f') as references
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and ${ours("pg_class", "c.oid")}
  and (n.nspname = 'public' or (n.nspname = $1 and c.relname = $2))`;

/** Every table of Jobdeck's, in the order in which they can be loaded. */
export async function readTables(client: pg.ClientBase): Promise<LiveTable[]> {
  const { rows } = await client.query<LiveTable & { references: string[] }>(TABLES, [
    MIGRATIONS.schema,
    MIGRATIONS.name,
  ]);
  return loadOrder(rows).map(({ schema, name, columns, sortBy }) => ({
    schema,
    name,
    columns,
    // A table without a primary key: by all that it has.
    sortBy: sortBy.length > 0 ? sortBy : columns.map((column) => `${quoted(column)}::text collate "C"`),
  }));
}

/** Something that lives where Jobdeck's tables go, or undefined when the database is empty. */
export async function firstOccupant(client: pg.ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', $1) and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and ${ours("pg_class", "c.oid")}
     union all
     select n.nspname, p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname in ('public', $1) and ${ours("pg_proc", "p.oid")}
     order by 1 desc, 2 limit 1`,
    [MIGRATIONS.schema],
  );
  return rows[0] && nameOf(rows[0]);
}

const quoted = (name: string): string => pg.escapeIdentifier(name);

export const qualified = ({ schema, name }: Pick<Table, "schema" | "name">): string =>
  `${quoted(schema)}.${quoted(name)}`;

export const columnList = (columns: readonly string[]): string => columns.map(quoted).join(", ");

type Sequence = { sequence: string; table: string; column: string; last: string | null };

/** The sequences that number the rows of a table. */
export async function readSequences(client: pg.ClientBase): Promise<Sequence[]> {
  const { rows } = await client.query<Sequence>(
    `select n.nspname || '.' || s.relname as sequence, t.oid::regclass::text as table, quote_ident(a.attname) as column,
       pg_sequence_last_value(s.oid)::text as last
     from pg_class s join pg_namespace n on n.oid = s.relnamespace
     join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.deptype in ('a', 'i')
       and d.refclassid = 'pg_class'::regclass
     join pg_class t on t.oid = d.refobjid join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
     where s.relkind = 'S' and n.nspname in ('public', $1) order by 1`,
    [MIGRATIONS.schema],
  );
  return rows;
}
