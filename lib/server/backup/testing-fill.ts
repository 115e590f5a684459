import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { type LiveTable, MIGRATIONS, qualified, readTables } from "@/lib/server/backup/tables";

/** What a value may look like at its worst: COPY's own marks, quotes, other scripts, no character at all. */
const ODD_TEXTS = [
  "\\.",
  "\\N",
  "line\nbreak\r\n\ttab \\n \\\\ end",
  "",
  "  blanks  ",
  "'quotes' \"double\" $1 $$ --",
  "日本語 عربى 👩‍🚀 é é \u{10FFFF} \u0001\u007f",
  "\n\\.\n-- totals []\n",
  '{"__proto__": {"a": 1}}',
];

type Column = { name: string; type: string; nullable: boolean; hasDefault: boolean };

/** Columns that must hold a value of another table. */
type Reference = { column: string; table: string; target: string };

/** Rows in every table, whatever tables there are: as many as there are odd texts, with every nullable column both ways. */
export async function fillTables(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const table of await readTables(client))
      if (table.schema !== MIGRATIONS.schema) await fill(client, table);
  } finally {
    await client.end();
  }
}

async function fill(client: pg.ClientBase, table: LiveTable): Promise<void> {
  const columns = await columnsOf(client, table);
  const references = await referencesOf(client, table);
  for (const row of ODD_TEXTS.keys()) {
    const values: unknown[] = [];
    for (const column of columns) {
      const reference = references.find((each) => each.column === column.name);
      if (column.nullable && row % 2 === 0) values.push(null);
      else if (reference) values.push(await someValue(client, reference, row));
      else values.push(oddValue(column.type, row));
    }
    const names = columns.map(({ name }) => pg.escapeIdentifier(name)).join(", ");
    await client.query(
      `insert into ${qualified(table)} (${names}) values (${values.map((_, i) => `$${i + 1}`).join(", ")})`,
      values,
    );
  }
}

async function columnsOf(client: pg.ClientBase, table: LiveTable): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as nullable,
       coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval%', false) as "hasDefault"
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped`,
    [qualified(table)],
  );
  return rows.filter(({ hasDefault }) => !hasDefault);
}

async function referencesOf(client: pg.ClientBase, table: LiveTable): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(
    `select a.attname as column, x.confrelid::regclass::text as table, quote_ident(t.attname) as target
     from pg_constraint x
     join pg_attribute a on a.attrelid = x.conrelid and a.attnum = x.conkey[1]
     join pg_attribute t on t.attrelid = x.confrelid and t.attnum = x.confkey[1]
     where x.conrelid = $1::regclass and x.contype = 'f'`,
    [qualified(table)],
  );
  return rows;
}

async function someValue(client: pg.ClientBase, { table, target }: Reference, row: number): Promise<unknown> {
  const { rows } = await client.query<{ value: unknown }>(
    `select ${target} as value from ${table} order by 1 offset $1 limit 1`,
    [row],
  );
  return rows[0]!.value;
}

function oddValue(type: string, row: number): unknown {
  const text = ODD_TEXTS[row]!;
  switch (type) {
    case "uuid":
      return randomUUID();
    case "text":
      return `${text}${randomUUID()}${row % 2 ? "" : text}`;
    case "integer":
      return [0, -1, 2_147_483_647][row % 3];
    case "bigint":
      return ["9007199254740993", "-1", "0"][row % 3];
    case "boolean":
      return row % 2 === 0;
    case "double precision":
      return [0.1 + 0.2, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, -0][row % 5];
    case "timestamp with time zone":
      return ["2026-02-28 23:59:59.999999+14", "0044-03-15 00:00:00+00 BC", "infinity", "2000-01-01"][
        row % 4
      ];
    case "jsonb":
      return JSON.stringify({ text, deep: [null, [1e21, -0, "\u2028"]], é: { "": true } });
    case "bytea":
      return Buffer.concat([Buffer.from([0, 10, 92, 46, 10, 255, row]), randomBytes(300)]);
    default:
      throw new Error(`fillTables does not know ${type} yet`);
  }
}

/** A database with nothing in it at all. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const database = await testDatabase();
  for (const schema of ["public", MIGRATIONS.schema])
    await database.db.execute(`drop schema ${schema} cascade`);
  await database.db.execute("create schema public");
  return database;
}

/** Every row of every table as text: what two databases must have in common. */
export async function allRows(url: string): Promise<Record<string, string[]>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found: Record<string, string[]> = {};
    for (const table of await readTables(client)) {
      const { rows } = await client.query<{ row: string }>(
        `select t::text as row from ${qualified(table)} t order by t::text collate "C"`,
      );
      found[table.name] = rows.map(({ row }) => row);
    }
    return found;
  } finally {
    await client.end();
  }
}

/** As if no Jobdeck worked on it: a test's own pool calls itself one, and there are rows of processes. */
export async function leaveAlone(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("delete from process");
    await client.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and application_name like 'jobdeck-%'",
    );
  } finally {
    await client.end();
  }
}
