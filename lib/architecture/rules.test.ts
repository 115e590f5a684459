import { describe, expect, it } from "vitest";
import { importCycles, RULES } from "@/lib/architecture/rules";
import { parseSource } from "@/lib/architecture/source";

/** [what is planted, rule, file, its text, words that the rule must say (none: the rule must be content)] */
type Planted = [
  promise: string,
  rule: keyof typeof RULES,
  file: string,
  text: string,
  says: RegExp | undefined,
];

const planted: Planted[] = [
  [
    "lib reaches up",
    "layersRunOneWay",
    "lib/jobs/service.ts",
    'import { T } from "@/components/t";',
    /app → comp/,
  ],
  [
    "a component takes a page",
    "layersRunOneWay",
    "components/a.tsx",
    'import p from "@/app/page";',
    /app → comp/,
  ],
  [
    "even a type from above",
    "layersRunOneWay",
    "lib/a/b.ts",
    'import type { T } from "@/app/page";',
    /app → comp/,
  ],
  [
    "lib takes a benchmark",
    "layersRunOneWay",
    "lib/a/b.ts",
    'import { x } from "../../bench/x";',
    /app → comp/,
  ],
  [
    "a test takes a benchmark",
    "layersRunOneWay",
    "lib/a/b.test.ts",
    'import { x } from "@/bench/x";',
    undefined,
  ],
  [
    "a page takes a component",
    "layersRunOneWay",
    "app/page.tsx",
    'import { x } from "@/components/x";',
    undefined,
  ],

  [
    "another room's store",
    "roomsShowOnlyTheirDoors",
    "lib/a/service.ts",
    'import { x } from "@/lib/jobs/store";',
    /private/,
  ],
  [
    "… through import()",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'await import("@/lib/jobs/store");',
    /private/,
  ],
  [
    "… through a relative path",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'import x from "../jobs/store";',
    /private/,
  ],
  [
    "… re-exported",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'export { x } from "@/lib/jobs/store";',
    /private/,
  ],
  [
    "the server, too",
    "roomsShowOnlyTheirDoors",
    "lib/server/web.ts",
    'import x from "@/lib/jobs/store";',
    /private/,
  ],
  [
    "one's own store",
    "roomsShowOnlyTheirDoors",
    "lib/jobs/service.ts",
    'import { x } from "@/lib/jobs/store";',
    undefined,
  ],
  [
    "a store's type",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'import type { X } from "@/lib/jobs/store";',
    undefined,
  ],
  [
    "another room's actions",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'import x from "@/lib/jobs/actions";',
    /pages/,
  ],
  [
    "another room's inside",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'import x from "@/lib/jobs/inner";',
    /another room/,
  ],
  [
    "another room's service",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'import x from "@/lib/jobs/service";',
    undefined,
  ],
  [
    "another room's pure file",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'import x from "@/lib/jobs/lifecycle";',
    undefined,
  ],
  ["kernel and db", "roomsShowOnlyTheirDoors", "lib/a/b.ts", 'import x from "@/lib/db/client";', undefined],
  [
    "a test's helper",
    "roomsShowOnlyTheirDoors",
    "lib/a/b.ts",
    'import x from "@/lib/jobs/testing";',
    /tests/,
  ],

  [
    "kernel on a room",
    "groundFloorStandsAlone",
    "lib/kernel/x.ts",
    'import x from "@/lib/jobs/inner";',
    /below/,
  ],
  [
    "kernel on db",
    "groundFloorStandsAlone",
    "lib/kernel/x.ts",
    'import x from "@/lib/db/client";',
    undefined,
  ],

  [
    "a component with SQL",
    "componentsSeeNoServer",
    "components/a.tsx",
    'import x from "@/lib/jobs/store";',
    /see/,
  ],
  [
    "a component with a service",
    "componentsSeeNoServer",
    "components/a.tsx",
    'import x from "@/lib/jobs/service";',
    /see/,
  ],
  [
    "a component with node:",
    "componentsSeeNoServer",
    "components/a.tsx",
    'import fs from "node:fs";',
    /browser/,
  ],
  [
    "a component with an action",
    "componentsSeeNoServer",
    "components/a.tsx",
    'import x from "@/lib/jobs/actions";',
    undefined,
  ],
  [
    "a component with a type",
    "componentsSeeNoServer",
    "components/a.tsx",
    'import type X from "@/lib/jobs/service";',
    undefined,
  ],

  ["a page with SQL", "pagesOnlyCompose", "app/page.tsx", 'import { sql } from "drizzle-orm";', /SQL/],
  [
    "a page with a pool",
    "pagesOnlyCompose",
    "app/page.tsx",
    'import { db } from "@/lib/db/client";',
    /service/,
  ],
  [
    "a page that fetches",
    "pagesOnlyCompose",
    "app/page.tsx",
    "export const p = async () => fetch('/x');",
    /fetch/,
  ],
  ["a page that prefetches", "pagesOnlyCompose", "app/page.tsx", "client.fetch({ fetch: 1 });", undefined],

  ["a pure file with node:", "pureFilesStayPure", "lib/jobs/plan.ts", 'import x from "node:fs";', /node:fs/],
  ["… with React", "pureFilesStayPure", "lib/jobs/schema.ts", 'import { x } from "react";', /react/],
  [
    "… with a service",
    "pureFilesStayPure",
    "lib/jobs/schema.ts",
    'import { x } from "@/lib/jobs/service";',
    /service/,
  ],
  [
    "… with the clock",
    "pureFilesStayPure",
    "lib/jobs/lifecycle.ts",
    "export const f = () => Date.now();",
    /Date\.now/,
  ],
  [
    "… with the clock as Date",
    "pureFilesStayPure",
    "lib/jobs/lifecycle.ts",
    "export const f = () => new Date();",
    /new Date/,
  ],
  [
    "… with chance",
    "pureFilesStayPure",
    "lib/upstream/retry.ts",
    "export const f = (r = Math.random) => r();",
    /random/,
  ],
  [
    "… with the environment",
    "pureFilesStayPure",
    "lib/a/limits.ts",
    "export const x = process.env.X;",
    /process/,
  ],
  [
    "… with fetch",
    "pureFilesStayPure",
    "lib/requests/wire-body.ts",
    "export const f = () => fetch('x');",
    /fetch/,
  ],
  [
    "… a given instant",
    "pureFilesStayPure",
    "lib/a/plan.ts",
    "export const f = (at: string) => new Date(at);",
    undefined,
  ],
  [
    "… an argument named fetch",
    "pureFilesStayPure",
    "lib/a/plan.ts",
    "export const f = (fetch: F) => fetch(1);",
    undefined,
  ],
  [
    "… a member named process",
    "pureFilesStayPure",
    "lib/a/plan.ts",
    "export const f = (x: X) => x.process;",
    undefined,
  ],
  [
    "… zod and a type",
    "pureFilesStayPure",
    "lib/a/schema.ts",
    'import { z } from "zod"; import type X from "@/lib/a/store";',
    undefined,
  ],
  ["… not by name", "pureFilesStayPure", "lib/a/client.ts", "export const f = () => Date.now();", undefined],

  ["a file of 401 lines", "filesStaySmall", "lib/a/b.ts", "x;\n".repeat(401), /401 lines/],
  ["a file of 400 lines", "filesStaySmall", "lib/a/b.ts", "x;\n".repeat(400), undefined],

  ["server-only", "nothingForbidden", "lib/a/b.ts", 'import "server-only";', /server-only/],
  ["fork", "nothingForbidden", "lib/a/b.ts", 'import { fork } from "node:child_process";', /fork/],
  ["spawn", "nothingForbidden", "lib/a/b.ts", 'import { spawn } from "node:child_process";', undefined],
  ["eval", "nothingForbidden", "lib/a/b.ts", "eval('1')", /eval/],
  ["new Function", "nothingForbidden", "lib/a/b.ts", "new Function('1')", /functions/],
  [
    "raw HTML",
    "nothingForbidden",
    "components/a.tsx",
    "<p dangerouslySetInnerHTML={{ __html: x }} />",
    /dangerously/,
  ],
  ["a form by GET", "nothingForbidden", "components/a.tsx", "<form onSubmit={x}><p /></form>", /post/],
  ["a form by POST", "nothingForbidden", "components/a.tsx", '<form method="post"><p /></form>', undefined],
  ["a frame of text", "nothingForbidden", "components/a.tsx", "<iframe srcDoc={x} />", /srcDoc/],
  [
    "the word in a comment",
    "nothingForbidden",
    "lib/a/b.ts",
    "// eval and new Function are forbidden",
    undefined,
  ],

  [
    "a bare action",
    "actionsAreDeclared",
    "lib/a/actions.ts",
    '"use server"; export async function f() {}',
    /defineAction/,
  ],
  [
    "an arrow action",
    "actionsAreDeclared",
    "lib/a/actions.ts",
    '"use server"; export const f = async () => 1;',
    /defineAction/,
  ],
  [
    "a re-exported action",
    "actionsAreDeclared",
    "lib/a/actions.ts",
    '"use server"; export { f } from "./x";',
    /defineAction/,
  ],
  [
    "an inline action",
    "actionsAreDeclared",
    "app/page.tsx",
    'async function f() { "use server"; }',
    /inline/,
  ],
  [
    "a declared action",
    "actionsAreDeclared",
    "lib/a/actions.ts",
    '"use server"; export const f = defineAction({});',
    undefined,
  ],

  [
    "a table of nobody",
    "tablesBelongToWorkspaces",
    "lib/db/tables/a.ts",
    'pgTable("a", { id: text("id") });',
    /workspace_id/,
  ],
  [
    "a workspace's table",
    "tablesBelongToWorkspaces",
    "lib/db/tables/a.ts",
    'pgTable("a", { w: uuid("workspace_id") });',
    undefined,
  ],
];

describe("the rules themselves, on planted files", () => {
  it.each(planted)("%s (%s)", (_promise, rule, file, text, says) => {
    const words = RULES[rule]!(parseSource(file, text, () => false)).join("\n");
    if (says) expect(words).toMatch(says);
    else expect(words).toBe("");
  });

  it("every rule is caught lying and caught being content", () => {
    for (const rule of Object.keys(RULES)) {
      const cases = planted.filter(([, name]) => name === rule);
      expect(
        cases.some(([, , , , says]) => says),
        `${rule} never fires`,
      ).toBe(true);
      expect(
        cases.some(([, , , , says]) => !says),
        `${rule} is never content`,
      ).toBe(true);
    }
  });

  it("a cycle is found, a cycle of types is not", () => {
    const make = (kind: string) => {
      const at = (file: string, text: string) => parseSource(file, text, (f) => /^lib\/[ab]\/x\.ts$/.test(f));
      return [
        at("lib/a/x.ts", `${kind} { b } from "@/lib/b/x";`),
        at("lib/b/x.ts", 'import { a } from "@/lib/a/x";'),
      ];
    };
    expect(importCycles(make("import"))).toEqual(["lib/a/x.ts → lib/b/x.ts → lib/a/x.ts"]);
    expect(importCycles(make("import type"))).toEqual([]);
  });
});
