/**
 * `npm run bench` runs every benchmark, `npm run bench -- B2` one of them. Each result is one JSON line on stdout, in the
 * format of performance.md; the exit code is 1 when one does not pass.
 */
import { Command, InvalidArgumentError } from "commander";
import type { Bench } from "@/bench/report";

/** Loaded one by one: each brings the part of the product that it measures. */
const BENCHES: Record<string, () => Promise<Bench>> = {
  B1: async () => (await import("@/bench/b1")).b1,
  B2: async () => (await import("@/bench/b2")).b2,
  B3: async () => (await import("@/bench/b3")).b3,
  B5: async () => (await import("@/bench/b5")).b5,
  B8: async () => (await import("@/bench/b8")).b8,
  B9: async () => (await import("@/bench/b9")).b9,
  B10: async () => (await import("@/bench/b10")).b10,
  B12: async () => (await import("@/bench/b12")).b12,
};

const atLeastOne = (text: string): number => {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new InvalidArgumentError("give a whole number of at least 1");
  return rounds;
};

const program = new Command("bench")
  .description(
    "Measures the product against its peers. Known: B1 (submits), B2 (freshness of results), B3 (requests per job), B5 (bytes per idle tick), B8 (100,000 active jobs), B9 (large outputs), B10 (kill -9), B12 (start and memory).",
  )
  .argument("[names...]", "which ones; all without a name")
  .option("--rounds <n>", "times that product and peer alternate; below 5 is only a look", atLeastOne, 5)
  .parse();

const { rounds } = program.opts<{ rounds: number }>();
const names = program.args.length > 0 ? program.args.map((name) => name.toUpperCase()) : Object.keys(BENCHES);

let failed = false;
for (const name of names) {
  const load = BENCHES[name];
  if (!load) program.error(`There is no benchmark ${name}. Known: ${Object.keys(BENCHES).join(", ")}.`);
  for (const result of await (await load!()).run({ rounds })) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    failed ||= !result.pass;
  }
}
process.exit(failed ? 1 : 0);
