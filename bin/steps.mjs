// Running the project's own tools as steps: captured output, one line per step, the words of the failed ones at the end.
import { spawn } from "node:child_process";
import path from "node:path";
import { root } from "./install.mjs";

const running = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.exitCode = 130;
  });
}

/** The JavaScript file behind a package's command, so that no shell and no .cmd shim is involved. */
export const tool = (file) => path.join(root, "node_modules", file);

/** Colours only for a terminal: some tools colour whenever FORCE_COLOR exists, even when it is 0. */
function environment() {
  const { FORCE_COLOR: _, ...rest } = process.env;
  return process.stdout.isTTY ? { ...rest, FORCE_COLOR: "1" } : { ...rest, NO_COLOR: "1" };
}

/**
 * @typedef {{ name: string, script: string, args?: string[], env?: Record<string, string>, live?: boolean, timeoutMs?: number }} Step
 *   `live` shows the output as it comes instead of only when the step fails
 * @typedef {Step & { code: number | null, ms: number, output: string }} Outcome
 * @param {Step} step
 * @returns {Promise<Outcome>}
 */
export function runStep(step) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [step.script, ...(step.args ?? [])], {
      cwd: root,
      env: { ...environment(), ...step.env },
      stdio: ["ignore", step.live ? "inherit" : "pipe", step.live ? "inherit" : "pipe"],
    });
    running.add(child);
    const chunks = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    let late = "";
    const timer = setTimeout(
      () => {
        late = `\nStopped: "${step.name}" was still running after ${Math.round(step.timeoutMs / 1000)} s.\n`;
        child.kill("SIGTERM");
        setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
      },
      step.timeoutMs ?? 2 ** 31 - 1,
    );
    child.once("error", (error) => chunks.push(Buffer.from(String(error))));
    child.once("close", (code) => {
      clearTimeout(timer);
      running.delete(child);
      const outcome = {
        ...step,
        code,
        ms: performance.now() - startedAt,
        output: Buffer.concat(chunks).toString() + late,
      };
      console.log(
        `${code === 0 ? "ok  " : "FAIL"}  ${step.name.padEnd(28)} ${(outcome.ms / 1000).toFixed(1)} s`,
      );
      resolve(outcome);
    });
  });
}

/**
 * Lanes run side by side, the steps of a lane one after the other. A failed step does not stop the rest: whoever mends
 * wants to see everything at once.
 * @param {Step[][]} lanes
 */
export async function runLanes(lanes) {
  const outcomes = await Promise.all(
    lanes.map(async (steps) => {
      const done = [];
      for (const step of steps) done.push(await runStep(step));
      return done;
    }),
  );
  return outcomes.flat();
}

/** Print what the failed steps said. @param {Outcome[]} outcomes @returns {Outcome[]} the failed ones */
export function reportFailures(outcomes) {
  const failed = outcomes.filter((outcome) => outcome.code !== 0);
  for (const outcome of failed) {
    console.log(`\n──── ${outcome.name} failed (code ${outcome.code}) ────\n${outcome.output.trimEnd()}`);
  }
  if (failed.length > 0) console.log(`\nFailed: ${failed.map((outcome) => outcome.name).join(", ")}`);
  return failed;
}
