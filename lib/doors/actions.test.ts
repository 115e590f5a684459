import { randomUUID } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionNames, isActionFile } from "@/lib/architecture/rules";
import { readSources, sourcePaths } from "@/lib/architecture/tree";
import { DOOR, type Door } from "@/lib/auth/define-action";
import { lowestRole, ROLES } from "@/lib/auth/permissions";
import { withRequestHeaders } from "@/lib/auth/request-headers";
import { openWorld, rowsOf, type World } from "@/lib/doors/testing-world";
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

let house: Awaited<ReturnType<typeof openWorld>>;
let world: World;
const actions: Action[] = [];

beforeAll(async () => {
  house = await openWorld();
  world = house.world;
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

afterAll(() => house?.close());

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
  // An address that the outbound guard refuses, so that nothing leaves this machine.
  kind: "custom",
  baseUrl: "https://127.0.0.1:1/v2",
  upstreamId: "abc",
  apiKey: "a-key",
  settings: { lowPriority: false },
  inputs: ['{"prompt":"hello"}'],
  request: { inputText: '{"prompt":"hello"}' },
});

/** `ok` where the action works on the stranger's own workspace; that ours stays as it is, the rows say. */
const REFUSALS_OR_OWN = ["ok", "not_found", "invalid", "forbidden", "conflict"];

/** What exists in this installation: a door that lets somebody in leaves a trace here. */
const TRACES = ["user", "session", "account", "member", "workspace", "invite", "install"];
async function traces(): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const name of TRACES)
    found.push((await house.client.query(`select * from "${name}" order by 1, 2`)).rows);
  return found;
}

describe("every server action", { timeout: 120_000 }, () => {
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
    const before = await rowsOf(house.client, world.workspaceId);
    const wrong = await unexpected("workspace", async (action) => {
      const tries: [string, string, string[]][] = [];
      for (const [kind, id] of Object.entries(world.ids))
        for (const input of [inputNaming(id, world.ids), { id }, { userId: id, role: "viewer" }]) {
          const answer = await knock(action, world.outsider, world.outsiderSlug, input);
          tries.push([`a stranger naming our ${kind}`, answer, REFUSALS_OR_OWN]);
        }
      return tries;
    });
    expect(wrong).toEqual([]);
    expect(await rowsOf(house.client, world.workspaceId)).toEqual(before);
  });

  it("open to anyone admits nobody without the right token or password", async () => {
    const account = { name: "Eve", email: "eve@example.com", password: "a wrong but long password" };
    const token = "x".repeat(43);
    const before = await traces();
    const inputs = [
      {},
      { token, ...account, workspaceName: "Eve's", account },
      { ...account, email: "owner@example.com" },
    ];
    const answers: string[] = [];
    for (const action of actions.filter((a) => a.door.access === "anyone"))
      for (const input of inputs) answers.push(await knock(action, world.nobody, input));
    expect(answers.length).toBeGreaterThan(8);
    expect(answers.filter((answer) => answer === "internal")).toEqual([]);
    expect(await traces()).toEqual(before);
  });
});
