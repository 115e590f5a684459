import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lowestRole, ROLES } from "@/lib/auth/permissions";
import { openWorld, rowsOf, type World } from "@/lib/doors/testing-world";
import { apiRoutes } from "@/lib/server/http/api-routes";

/**
 * Every machine path of the program, read from the router itself, is tried by everybody who must be refused. A route of a
 * kind that nobody knows how to try fails the first test.
 */
type Door = { method: string; path: string };

const WORKSPACE = "/api/w/:workspace/";
/** Kinds of doors by what admits. Whatever is in none of them has not been thought about. */
const KINDS = {
  workspace: ({ path }: Door) => path.startsWith(WORKSPACE),
  signIn: ({ path }: Door) => path.startsWith("/api/auth/"),
  hookToken: ({ path }: Door) => path.startsWith("/hooks/"),
  endpointKey: ({ path }: Door) => path.startsWith("/local/v2/"),
  /** Nothing of anybody's is behind these. */
  open: ({ path }: Door) => ["/healthz", "/readyz", "/api/openapi.json"].includes(path),
} as const;

let house: Awaited<ReturnType<typeof openWorld>>;
let world: World;
let app: Hono;
let doors: Door[];

beforeAll(async () => {
  house = await openWorld();
  world = house.world;
  const { machineApp } = await import("@/lib/server/http/machine-app");
  app = machineApp();
  const unique = new Map(app.routes.map(({ method, path }) => [`${method} ${path}`, { method, path }]));
  doors = [...unique.values()].filter(({ method, path }) => !(method === "ALL" && path.endsWith("/*")));
});

afterAll(() => house?.close());

const ofKind = (kind: keyof typeof KINDS): Door[] => doors.filter(KINDS[kind]);

type Try = { as: Headers; slug?: string; id?: string; body?: unknown; headers?: Record<string, string> };

/** @returns status and body of one knock */
async function knock(door: Door, { as, slug = world.slug, id = randomUUID(), body, headers }: Try) {
  const path = door.path
    .replace(":workspace", slug)
    .replace(/:[a-zA-Z]+(\{[^}]*\})?\??/g, id)
    .replace(/\*$/, id);
  const sent = new Headers(as);
  for (const [name, value] of Object.entries(headers ?? {})) sent.set(name, value);
  const hasBody = door.method !== "GET" && door.method !== "HEAD";
  if (hasBody) sent.set("content-type", "application/json");
  const response = await app.request(path, {
    method: door.method === "ALL" ? "POST" : door.method,
    headers: sent,
    ...(hasBody && { body: JSON.stringify(body ?? {}) }),
  });
  return { status: response.status, text: await response.text() };
}

async function unexpected(
  kind: keyof typeof KINDS,
  tries: (
    door: Door,
  ) => Promise<[who: string, answer: { status: number; text: string }, allowed: number[]][]>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const door of ofKind(kind))
    for (const [who, { status, text }, allowed] of await tries(door)) {
      const where = `${door.method} ${door.path}`;
      if (!allowed.includes(status)) wrong.push(`${where} answered ${status} to ${who}`);
      if (/ours-/.test(text)) wrong.push(`${where} told ${who} something of ours`);
    }
  return wrong;
}

const permissionOf = (door: Door) => {
  const row = apiRoutes.find(
    (route) =>
      route.method.toUpperCase() === door.method &&
      WORKSPACE.slice(0, -1) + route.path.replace(/\{(\w+)\}/g, ":$1") === door.path,
  );
  if (!row) throw new Error(`${door.method} ${door.path} is not declared with defineRoute`);
  return row.permission;
};

describe("every machine path", { timeout: 120_000 }, () => {
  it("was found and is of a kind that can be tried", () => {
    expect(doors.length).toBeGreaterThan(12);
    for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[])
      expect(ofKind(kind), `no door of the kind ${kind}: is it still there?`).not.toEqual([]);
    expect(doors.filter((door) => !Object.values(KINDS).some((is) => is(door)))).toEqual([]);
  });

  it("of a workspace turns away nobody, strangers and unknown workspaces", async () => {
    const wrong = await unexpected("workspace", async (door) => [
      ["nobody", await knock(door, { as: world.nobody, id: world.ids.job }), [401]],
      [
        "a made-up cookie",
        await knock(door, { as: new Headers({ cookie: "jobdeck.session_token=x.y" }) }),
        [401],
      ],
      ["another workspace's owner", await knock(door, { as: world.outsider, id: world.ids.job }), [404]],
      ["a member, for no workspace", await knock(door, { as: world.members.owner, slug: "nowhere" }), [404]],
    ]);
    expect(wrong).toEqual([]);
  });

  it("of a workspace turns away the roles below its permission", async () => {
    let refused = 0;
    const wrong = await unexpected("workspace", async (door) => {
      const below = ROLES.slice(0, ROLES.indexOf(lowestRole(permissionOf(door))));
      refused += below.length;
      const answers = below.map(async (role) => {
        const answer = await knock(door, { as: world.members[role], id: world.ids.job });
        return [`a ${role}`, answer, [403]] as [string, typeof answer, number[]];
      });
      return Promise.all(answers);
    });
    expect(wrong).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });

  it("of a workspace opens to the lowest role that may, so that the refusals above mean something", async () => {
    const readable = ofKind("workspace").filter(
      ({ method, path }) => method === "GET" && /\/jobs(\/:id)?$/.test(path),
    );
    expect(readable).toHaveLength(2);
    for (const door of readable) {
      const { status, text } = await knock(door, { as: world.members.viewer, id: world.ids.job });
      expect(status, text).toBe(200);
      expect(text).toContain("ours-");
    }
  });

  it("of a workspace knows nothing of another one's ids, and changes none of its rows", async () => {
    const before = await rowsOf(house.client, world.workspaceId);
    const submit = (id: string) => ({
      clientKey: randomUUID(),
      endpointId: id,
      originJobId: world.ids.job,
      request: { inputText: "{}" },
    });
    const wrong = await unexpected("workspace", async (door) => {
      const allowed = door.path.includes(":id") || door.method !== "GET" ? [404] : [200, 400];
      return Promise.all(
        Object.entries(world.ids).map(async ([kind, id]) => {
          const answer = await knock(door, {
            as: world.outsider,
            slug: world.outsiderSlug,
            id,
            body: submit(id),
          });
          // Ids that are not UUIDs are invalid before anything is looked up.
          return [`a stranger naming our ${kind}`, answer, [...allowed, 400]] as [
            string,
            typeof answer,
            number[],
          ];
        }),
      );
    });
    expect(wrong).toEqual([]);
    expect(await rowsOf(house.client, world.workspaceId)).toEqual(before);
  });

  it("for sign-in opens to no wrong password and makes no session", async () => {
    const sessions = async () => (await house.client.query("select count(*) as n from session")).rows[0].n;
    const before = await sessions();
    const body = { email: "owner@example.com", password: "not the password" };
    const wrong = await unexpected("signIn", async (door) => [
      [
        "a wrong password",
        await knock(door, { as: world.nobody, body }),
        door.path.endsWith("sign-out") ? [200, 400] : [401],
      ],
    ]);
    expect(wrong).toEqual([]);
    expect(await sessions()).toBe(before);
  });

  it("for webhooks answers every wrong token alike and changes nothing", async () => {
    const before = await rowsOf(house.client, world.workspaceId);
    const body = { id: "upstream-1", status: "COMPLETED", output: "forged" };
    const wrong = await unexpected("hookToken", async (door) => [
      ["an unknown token", await knock(door, { as: world.nobody, id: "x".repeat(43), body }), [404]],
      ["a token that is none", await knock(door, { as: world.nobody, id: "short", body }), [404]],
      ["our job's id", await knock(door, { as: world.nobody, id: world.ids.job, body }), [404]],
    ]);
    expect(wrong).toEqual([]);
    expect(await rowsOf(house.client, world.workspaceId)).toEqual(before);
  });

  it("of the local endpoint opens to no missing, wrong or signed-in-only key", async () => {
    const before = await rowsOf(house.client, world.workspaceId);
    const bearer = (key: string) => ({ authorization: key });
    const refused = [401, 403, 404];
    const wrong = await unexpected("endpointKey", async (door) => [
      ["nobody", await knock(door, { as: world.nobody, id: "ours-local" }), refused],
      [
        "a wrong key",
        await knock(door, { as: world.nobody, id: "ours-local", headers: bearer("Bearer wrong") }),
        refused,
      ],
      ["the owner's cookie", await knock(door, { as: world.members.owner, id: "ours-local" }), refused],
      [
        "another workspace's API key",
        await knock(door, {
          as: world.nobody,
          id: "ours-local",
          headers: bearer(`Bearer ${world.theirKeys.api}`),
        }),
        refused,
      ],
      [
        "another workspace's worker key",
        await knock(door, {
          as: world.nobody,
          id: "ours-local",
          headers: bearer(`Bearer ${world.theirKeys.worker}`),
        }),
        refused,
      ],
    ]);
    // Our own words about a wrong endpoint may repeat the name that was asked for.
    expect(wrong.filter((words) => !words.includes("something of ours"))).toEqual([]);
    expect(await rowsOf(house.client, world.workspaceId)).toEqual(before);
  });
});
