// npm run e2e: the built product in a real browser. Arguments go to Playwright: npm run e2e -- e2e/compose.spec.ts --headed
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { ensureInstalled, root } from "./install.mjs";

await ensureInstalled();
// Imported late: these need what has just been installed.
const { ensureBrowser } = await import("./browser.mjs");
const { runStep, tool } = await import("./steps.mjs");

const results = path.join(root, "test-results", "e2e.json");
await mkdir(path.dirname(results), { recursive: true });
await rm(results, { force: true });

const browser = await ensureBrowser();
const outcome = await runStep({
  name: "browser tests (playwright)",
  script: tool("@playwright/test/cli.js"),
  args: ["test", "--reporter=list,json", ...process.argv.slice(2)],
  env: {
    PLAYWRIGHT_JSON_OUTPUT_FILE: results,
    ...(browser && { JOBDECK_CHROMIUM: browser }),
  },
  live: true,
});
process.exitCode = outcome.code === 0 ? 0 : 1;
