import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { auth } from "@/lib/auth/auth";
import { ROLES, type Role } from "@/lib/auth/permissions";
import { pool } from "@/lib/db/client";
import { testDatabase } from "@/lib/db/testing";
import { sealRequest } from "@/lib/jobs/request-seal";
import { newToken, tokenHash } from "@/lib/kernel/ids";

/** Everybody who may knock, and what stands behind the doors. */
export type World = {
  /** The workspace whose doors are tried. */
  slug: string;
  workspaceId: string;
  /** Cookies of one member per role. */
  members: Record<Role, Headers>;
  /** The owner of another workspace, who has nothing to do here. */
  outsider: Headers;
  outsiderSlug: string;
  nobody: Headers;
  /** Keys of a local endpoint in the other workspace: good keys, but not for our doors. */
  theirKeys: { api: string; worker: string };
  /** The id of one of our rows per table that has such ids, and of one of our members. */
  ids: Record<string, string> & { job: string; endpoint: string; user: string };
};

const SPEC = { inputText: '{"prompt":"ours-prompt"}', lowPriority: false };
const PASSWORD = "a long enough password";

async function makePerson(client: pg.ClientBase, name: string): Promise<{ id: string; headers: Headers }> {
  const id = randomUUID();
  const email = `${name}@example.com`;
  const { password } = await auth().$context;
  await client.query(`insert into "user" (id, name, email, email_verified) values ($1, $2, $3, true)`, [
    id,
    name,
    email,
  ]);
  await client.query(
    "insert into account (id, account_id, provider_id, user_id, password) values ($1, $2, 'credential', $2, $3)",
    [randomUUID(), id, await password.hash(PASSWORD)],
  );
  const response = await auth().api.signInEmail({ body: { email, password: PASSWORD }, asResponse: true });
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]);
  if (cookie.length === 0) throw new Error(`${name} could not sign in: ${response.status}`);
  return { id, headers: new Headers({ cookie: cookie.join("; ") }) };
}

async function makeWorkspace(client: pg.ClientBase, slug: string): Promise<string> {
  const id = randomUUID();
  await client.query("insert into workspace (id, slug, name) values ($1, $2, $2)", [id, slug]);
  return id;
}

/** A database of its own behind this process's `db()`, with the world in it. */
export async function openWorld(): Promise<{ world: World; client: pg.Client; close(): Promise<void> }> {
  const database = await testDatabase();
  process.env.DATABASE_URL = database.url;
  process.env.JOBDECK_SECRET_KEY ??= randomBytes(32).toString("base64");
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return {
    world: await makeWorld(client),
    client,
    async close() {
      await client.end();
      await pool().end();
      await database.close();
    },
  };
}

/** Two workspaces, a member of every role in the first, and one row of each kind that an id can name. */
async function makeWorld(client: pg.ClientBase): Promise<World> {
  const workspaceId = await makeWorkspace(client, "ours");
  const theirs = await makeWorkspace(client, "theirs");
  const join = (workspace: string, userId: string, role: Role) =>
    client.query("insert into member (workspace_id, user_id, role) values ($1, $2, $3)", [
      workspace,
      userId,
      role,
    ]);

  const members = {} as Record<Role, Headers>;
  let user = "";
  for (const role of ROLES) {
    const person = await makePerson(client, role);
    await join(workspaceId, person.id, role);
    members[role] = person.headers;
    if (role === "editor") user = person.id;
  }
  const outsider = await makePerson(client, "outsider");
  await join(theirs, outsider.id, "owner");

  const [endpoint, job, invite, localEndpoint] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await client.query(
    `insert into endpoint (id, workspace_id, name, kind, upstream_id, api_key_sealed, api_key_last4, credential_fingerprint)
     values ($1, $2, 'ours-endpoint', 'runpod', 'abc123', 'sealed', 'last', 'print')`,
    [endpoint, workspaceId],
  );
  await client.query(
    `insert into job (id, workspace_id, endpoint_id, client_key, status, upstream_id, request_sealed, payload_hash,
       input_summary, hook_token_hash, rev)
     values ($1, $2, $3, $4, 'IN_QUEUE', 'upstream-1', $6, 'hash', 'ours-summary', $5, 1)`,
    [
      job,
      workspaceId,
      endpoint,
      randomUUID(),
      randomBytes(32).toString("hex"),
      sealRequest({ id: job, workspaceId }, { spec: SPEC, hookToken: newToken() }),
    ],
  );
  await client.query(
    `insert into invite (id, workspace_id, role, note, token_hash, expires_at)
     values ($1, $2, 'viewer', 'ours-note', $3, now() + interval '1 day')`,
    [invite, workspaceId, randomBytes(32).toString("hex")],
  );
  await client.query(
    `insert into local_endpoint (id, workspace_id, name, handler, api_key_hash, worker_key_hash, worker_key_sealed)
     values ($1, $2, 'ours-local', null, $3, $4, 'sealed')`,
    [localEndpoint, workspaceId, randomBytes(32).toString("hex"), randomBytes(32).toString("hex")],
  );
  await client.query(
    `insert into batch (id, workspace_id, endpoint_id, client_key, payload_hash, name, total)
     values ($1, $2, $3, $4, 'hash', 'ours-batch', 1)`,
    [randomUUID(), workspaceId, endpoint, randomUUID()],
  );
  const theirKeys = { api: newToken(), worker: newToken() };
  await client.query(
    `insert into local_endpoint (id, workspace_id, name, handler, api_key_hash, worker_key_hash, worker_key_sealed)
     values ($1, $2, 'theirs-local', null, $3, $4, 'sealed')`,
    [randomUUID(), theirs, tokenHash(theirKeys.api), tokenHash(theirKeys.worker)],
  );
  return {
    theirKeys,
    slug: "ours",
    workspaceId,
    members,
    outsider: outsider.headers,
    outsiderSlug: "theirs",
    nobody: new Headers(),
    ids: { ...(await idsOf(client, workspaceId)), job, endpoint, user },
  };
}

/** @throws when a table with ids of its own has no row of ours: what nobody can name, nobody can try to steal. */
async function idsOf(client: pg.ClientBase, workspaceId: string): Promise<Record<string, string>> {
  const tables = await client.query<{ name: string }>(
    `select i.table_name as name from information_schema.columns i
     join information_schema.columns w on w.table_name = i.table_name and w.column_name = 'workspace_id'
     where i.table_schema = 'public' and i.column_name = 'id' and i.data_type = 'uuid'`,
  );
  const ids: Record<string, string> = {};
  for (const { name } of tables.rows) {
    const found = await client.query(`select id from "${name}" where workspace_id = $1 limit 1`, [
      workspaceId,
    ]);
    if (!found.rows[0]) throw new Error(`makeWorld puts no row of ours into the table ${name}: teach it one`);
    ids[name] = found.rows[0].id;
  }
  return ids;
}

/** All rows of all tables that belong to a workspace, as text: what must not change when a stranger knocks. */
export async function rowsOf(client: pg.ClientBase, workspaceId: string): Promise<Record<string, string[]>> {
  const tables = await client.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'workspace_id' order by 1`,
  );
  const found: Record<string, string[]> = {};
  for (const { name } of tables.rows) {
    const rows = await client.query<{ row: string }>(
      `select t::text as row from "${name}" t where workspace_id::text = $1 order by 1`,
      [workspaceId],
    );
    found[name] = rows.rows.map((r) => r.row);
  }
  return found;
}
