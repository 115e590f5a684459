// npm run faults: the fault tests at full length (JOBDECK_FAULT_RUNS kills at each point, 50 by default), and a table of
// what was injected and which promises were broken. Ends with code 1 when one was, or when a fault did not happen.
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { ensureInstalled, root } from "./install.mjs";
import { runStep, tool } from "./steps.mjs";

await ensureInstalled();
const report = path.join(root, "test-results", "faults.jsonl");
await mkdir(path.dirname(report), { recursive: true });
await rm(report, { force: true });

const outcome = await runStep({
  name: "fault tests",
  script: tool("vitest/vitest.mjs"),
  args: ["run", "faults/", "--no-file-parallelism", ...process.argv.slice(2)],
  env: {
    JOBDECK_FAULT_RUNS: process.env.JOBDECK_FAULT_RUNS ?? "50",
    JOBDECK_FAULT_REPORT: report,
  },
  live: true,
});

/** @type {{ row: string, runs: number, violations: number, slowestVerdictMs: number, states: Record<string, number> }[]} */
const rows = (await readFile(report, "utf8").catch(() => ""))
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const width = Math.max(0, ...rows.map(({ row }) => row.length));
console.log(`\n${"row".padEnd(width)}   runs   violations   slowest verdict`);
for (const { row, runs, violations, slowestVerdictMs } of rows)
  console.log(
    `${row.padEnd(width)}   ${String(runs).padStart(4)}   ${String(violations).padStart(10)}   ${(slowestVerdictMs / 1000).toFixed(1).padStart(13)} s`,
  );
const broken = rows.some(({ violations }) => violations > 0);
console.log(
  broken || outcome.code !== 0 ? "\nFailed." : "\nNo promise was broken, and every fault happened.",
);
process.exitCode = broken || outcome.code !== 0 ? 1 : 0;
