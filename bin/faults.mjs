// npm run faults: the fault tests at full length (JOBDECK_FAULT_RUNS kills at each point, 200 by default), and a table of
// what was injected and which promises were broken. Ends with code 1 when one was, when a fault did not happen, or when a
// row of faults/rows.json reported nothing. Arguments go to vitest: `npm run faults -- submit-crash` runs one file, and
// then only the rows that it reports are looked at.
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { ensureInstalled, root } from "./install.mjs";
import { runStep, tool } from "./steps.mjs";

await ensureInstalled();
const report = path.join(root, "test-results", "faults.jsonl");
await mkdir(path.dirname(report), { recursive: true });
await rm(report, { force: true });

const filters = process.argv.slice(2);
const outcome = await runStep({
  name: "fault tests",
  script: tool("vitest/vitest.mjs"),
  args: ["run", ...(filters.length > 0 ? filters : ["faults/"]), "--no-file-parallelism"],
  env: {
    JOBDECK_FAULT_RUNS: process.env.JOBDECK_FAULT_RUNS ?? "200",
    JOBDECK_FAULT_REPORT: report,
  },
  live: true,
});

/** @type {Record<string, string>} */
const matrix = JSON.parse(await readFile(path.join(root, "faults", "rows.json"), "utf8"));
/** @type {{ row: string, title: string, runs: number, violations: number, slowestVerdictMs?: number }[]} */
const lines = (await readFile(report, "utf8").catch(() => ""))
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line))
  .sort((a, b) => Number(a.row) - Number(b.row));

const width = Math.max(0, ...lines.map(({ title }) => title.length));
console.log(`\nrow   ${"fault".padEnd(width)}    runs   violations   slowest verdict`);
for (const { row, title, runs, violations, slowestVerdictMs } of lines) {
  const verdict = slowestVerdictMs === undefined ? "-" : `${(slowestVerdictMs / 1000).toFixed(1)} s`;
  console.log(
    `${row.padStart(3)}   ${title.padEnd(width)}   ${String(runs).padStart(5)}   ${String(violations).padStart(10)}   ${verdict.padStart(15)}`,
  );
}

const problems = lines.flatMap(({ row, title, runs, violations }) => [
  ...(violations > 0 ? [`row ${row}: ${violations} broken promises (${title})`] : []),
  ...(runs > 0 ? [] : [`row ${row}: the fault did not happen (${title})`]),
]);
if (filters.length === 0)
  for (const [row, words] of Object.entries(matrix))
    if (!lines.some((line) => line.row === row)) problems.push(`row ${row}: nothing reported (${words})`);
if (lines.length === 0) problems.push("no fault was reported at all");
if (outcome.code !== 0) problems.push("a test failed; its words are above");

console.log(
  problems.length > 0
    ? `\nFailed:\n${problems.map((words) => `  ${words}`).join("\n")}`
    : "\nNo promise was broken, and every fault happened.",
);
process.exitCode = problems.length > 0 ? 1 : 0;
