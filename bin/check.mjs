// npm run check: everything that needs neither a build nor a browser nor minutes. Under 90 s on two cores.
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ensureInstalled, root } from "./install.mjs";
import { reportFailures, runLanes, tool } from "./steps.mjs";

await ensureInstalled();

const results = path.join(root, "test-results", "vitest.json");
await mkdir(path.dirname(results), { recursive: true });
await rm(results, { force: true });

// A bare clone has none of the files that Next writes for TypeScript; typegen writes them without a build.
const hasPages = existsSync(path.join(root, "app"));
if (!hasPages) await writeFile(path.join(root, "next-env.d.ts"), '/// <reference types="next" />\n');

const next = tool("next/dist/bin/next");
const outcomes = await runLanes([
  [
    ...(hasPages ? [{ name: "page types", script: next, args: ["typegen"] }] : []),
    { name: "types (tsc)", script: tool("typescript/bin/tsc"), args: ["--noEmit", "-p", "."] },
    { name: "dead code (knip)", script: tool("knip/bin/knip.js"), args: ["--no-progress"] },
  ],
  [
    {
      name: "lint and format (biome)",
      script: tool("@biomejs/biome/bin/biome"),
      args: ["ci", "--diagnostic-level=warn"],
    },
    {
      name: "unit and store tests (vitest)",
      script: tool("vitest/vitest.mjs"),
      args: [
        "run",
        // Starting and killing whole processes takes minutes: npm test does it, and npm run faults does it longer.
        "--exclude=faults/**",
        "--exclude=**/*.process.test.ts",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${results}`,
      ],
    },
  ],
]);

process.exitCode = reportFailures(outcomes).length > 0 ? 1 : 0;
