// npm test: everything, from a bare clone. Installs what is missing (dependencies, a browser), then runs the checks, the
// build and the browser tests, and ends with one line of true totals.
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { ensureInstalled, root } from "./install.mjs";
import { runStep, tool } from "./steps.mjs";

/** @returns {Promise<any>} undefined when the tool died before it could write its report */
async function report(name) {
  try {
    return JSON.parse(await readFile(path.join(root, "test-results", name), "utf8"));
  } catch {
    return undefined;
  }
}

function ofVitest(results) {
  if (!results) return { passed: 0, failed: 0 };
  // A file that could not be loaded has no tests to count.
  const broken = results.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return { passed: results.numPassedTests, failed: results.numFailedTests + broken.length };
}

function ofPlaywright(results) {
  if (!results) return { passed: 0, failed: 0 };
  const { expected, unexpected, flaky } = results.stats;
  // A test that passed only when repeated is a failure that hides.
  return { passed: expected, failed: unexpected + flaky + results.errors.length };
}

async function totals() {
  const counts = [
    ofVitest(await report("vitest.json")),
    ofVitest(await report("processes.json")),
    ofVitest(await report("faults.json")),
    ofPlaywright(await report("e2e.json")),
  ];
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  return { passed: sum("passed"), failed: sum("failed") };
}

const startedAt = performance.now();
await ensureInstalled();
await rm(path.join(root, "test-results"), { recursive: true, force: true });

const script = (name) => path.join(root, "bin", name);
const outcomes = [];
for (const step of [
  { name: "npm run check", script: script("check.mjs") },
  {
    name: "process tests",
    script: tool("vitest/vitest.mjs"),
    args: [
      ...["run", ".process.test.ts"],
      ...["--reporter=default", "--reporter=json", "--outputFile.json=test-results/processes.json"],
    ],
  },
  {
    name: "fault tests",
    script: tool("vitest/vitest.mjs"),
    args: [
      // Two at a time: most of what they do is to wait for leases and deadlines of half a minute.
      ...["run", "faults/"],
      ...["--reporter=default", "--reporter=json", "--outputFile.json=test-results/faults.json"],
    ],
  },
  { name: "npm run e2e", script: script("e2e.mjs") },
])
  outcomes.push(await runStep({ ...step, live: true }));

const broken = outcomes.filter((outcome) => outcome.code !== 0);
const { passed, failed } = await totals();
console.log(
  `\n${broken.length > 0 ? `Failed: ${broken.map((outcome) => outcome.name).join(", ")}` : "All of it passed"}`,
);
console.log(`Took ${Math.round((performance.now() - startedAt) / 1000)} s`);
// A step can fail without a failed test (types, lint, a crash); the line must not read as a success then.
console.log(`${passed} passed, ${Math.max(failed, broken.length)} failed`);
process.exitCode = broken.length > 0 || failed > 0 || passed === 0 ? 1 : 0;
