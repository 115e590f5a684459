import { randomUUID } from "node:crypto";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionNames, isActionFile } from "@/lib/architecture/rules";
import { readSources, sourcePaths } from "@/lib/architecture/tree";
import { DOOR, type Door } from "@/lib/auth/define-action";
import { lowestRole, ROLES } from "@/lib/auth/permissions";
import { withRequestHeaders } from "@/lib/auth/request-headers";
import { testDatabase } from "@/lib/db/testing";
import { makeWorld, rowsOf, type World } from "@/lib/doors/testing-world";
import type { Result } from "@/lib/kernel/result";

/**
 * Every server action of the program, found by reading the source, is tried by everybody who must be refused. A new
 * action is tried without being named here; one that cannot be tried fails.
 */
type Action = { name: string; door: Door; call: (...args: unknown[]) => Promise<Result<unknown>> };

const root = path.resolve(import.meta.dirname, "../..");
const actionFiles = readSources(sourcePaths()).filter(isActionFile);
const found = actionFiles.flatMap((source) =>
  actionNames(source).map((name) => ({ file: source.path, name })),
);

let database: Awaited<ReturnType<typeof testDatabase>>;
let client: pg.Client;
let world: World;
const actions: Action[] = [];

beforeAll(async () => {
  database = await testDatabase();
  process.env.DATABASE_URL = database.url;
  process.env.JOBDECK_SECRET_KEY ??= Buffer.alloc(32, 7).toString("base64");
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  world = await makeWorld(client);
  for (const { file, name } of found) {
    const module = (await import(path.join(root, file))) as Record<
      string,
      Action["call"] & { [DOOR]?: Door }
    >;
    const call = module[name]!;
    const door = call[DOOR];
    if (!door)
      throw new Error(`${file} ${name} was not made by defineAction, so nobody can say who may call it`);
    actions.push({ name: `${file} ${name}`, door, call });
  }
});

afterAll(async () => {
  await client?.end();
  const { pool } = await import("@/lib/db/client");
  await pool().end();
  await database?.close();
});

async function knock(action: Action, as: Headers, ...args: unknown[]): Promise<string> {
  const result = await withRequestHeaders(as, () => action.call(...args));
  return result.ok ? "ok" : result.error.code;
}

/** One answer per action that is not what it must be: an empty list is the promise kept. */
async function unexpected(
  access: Door["access"],
  tries: (action: Action) => Promise<[who: string, answer: string, allowed: string[]][]>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const action of actions.filter((a) => a.door.access === access))
    for (const [who, answer, allowed] of await tries(action))
      if (!allowed.includes(answer)) wrong.push(`${action.name} answered ${answer} to ${who}`);
  return wrong;
}

/** Every field by which an input can name a row, so that whatever the schema asks for is there. */
const inputNaming = (id: string, ids: World["ids"]) => ({
  id,
  jobId: id,
  endpointId: ids.endpoint,
  userId: ids.user,
  originJobId: ids.job,
  clientKey: randomUUID(),
  role: "viewer",
  name: "taken-over",
  kind: "runpod",
  upstreamId: "abc",
  apiKey: "a-key",
  request: { inputText: '{"prompt":"hello"}' },
});

describe("every server action", () => {
  it("was found", () => {
    expect(actionFiles.length).toBeGreaterThan(2);
    expect(actions.length).toBeGreaterThan(8);
  });

  it("of a workspace turns away nobody, strangers and unknown workspaces", async () => {
    const wrong = await unexpected("workspace", async (action) => [
      ["nobody", await knock(action, world.nobody, world.slug, {}), ["unauthenticated"]],
      ["another workspace's owner", await knock(action, world.outsider, world.slug, {}), ["not_found"]],
      ["a member, for no workspace", await knock(action, world.members.owner, "nowhere", {}), ["not_found"]],
      [
        "something that is no name",
        await knock(action, world.members.owner, { slug: "ours" }, {}),
        ["not_found"],
      ],
    ]);
    expect(wrong).toEqual([]);
  });

  it("of a workspace turns away the roles below its permission and lets the others speak", async () => {
    const wrong = await unexpected("workspace", async (action) => {
      const lowest = ROLES.indexOf(lowestRole(action.door.permission!));
      const tries: [string, string, string[]][] = [];
      for (const [rank, role] of ROLES.entries()) {
        // An input that no schema takes: whoever may pass is told that it is invalid, and nothing is done.
        const answer = await knock(action, world.members[role], world.slug, "no input at all");
        tries.push([`a ${role}`, answer, rank < lowest ? ["forbidden"] : ["invalid"]]);
      }
      return tries;
    });
    expect(wrong).toEqual([]);
  });

  it("does nothing to another workspace's rows when it is given their ids", async () => {
    const before = await rowsOf(client, world.workspaceId);
    const wrong = await unexpected("workspace", async (action) => {
      const tries: [string, string, string[]][] = [];
      for (const [kind, id] of Object.entries(world.ids)) {
        const answer = await knock(action, world.outsider, world.outsiderSlug, inputNaming(id, world.ids));
        tries.push([
          `a stranger naming our ${kind}`,
          answer,
          ["ok", "not_found", "invalid", "forbidden", "conflict"],
        ]);
      }
      return tries;
    });
    expect(wrong).toEqual([]);
    expect(await rowsOf(client, world.workspaceId)).toEqual(before);
  });

  it("of a person turns away nobody", async () => {
    const wrong = await unexpected("person", async (action) => [
      ["nobody", await knock(action, world.nobody, {}), ["unauthenticated"]],
    ]);
    expect(wrong).toEqual([]);
  });

  it("open to anyone admits nobody without the right token or password", async () => {
    const account = { name: "Eve", email: "eve@example.com", password: "a long enough password" };
    const token = "x".repeat(43);
    const wrong = await unexpected("anyone", async (action) => [
      ["an empty input", await knock(action, world.nobody, {}), ["invalid"]],
      [
        "a wrong token",
        await knock(action, world.nobody, { token, ...account, workspaceName: "Eve's", account }),
        ["invalid", "unauthenticated", "forbidden", "not_found", "conflict"],
      ],
    ]);
    expect(wrong).toEqual([]);
    expect((await client.query(`select 1 from "user" where email = 'eve@example.com'`)).rowCount).toBe(0);
  });
});
