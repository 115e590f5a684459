/**
 * `npm run bench` runs every benchmark, `npm run bench -- B2` one of them. Each result is one JSON line on stdout, in the
 * format of performance.md; the exit code is 1 when one does not pass.
 */
import { Command, InvalidArgumentError } from "commander";
import { b2 } from "@/bench/b2";
import type { Bench } from "@/bench/report";

const BENCHES: Bench[] = [b2];

const atLeastOne = (text: string): number => {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new InvalidArgumentError("give a whole number of at least 1");
  return rounds;
};

const program = new Command("bench")
  .description(
    `Measures the product against its peers.\n${BENCHES.map((b) => `  ${b.name}  ${b.title}`).join("\n")}`,
  )
  .argument("[names...]", "which ones; all without a name")
  .option("--rounds <n>", "times that product and peer alternate; below 5 is only a look", atLeastOne, 5)
  .parse();

const { rounds } = program.opts<{ rounds: number }>();
const wanted = program.args.map((name) => name.toUpperCase());
const unknown = wanted.find((name) => BENCHES.every((bench) => bench.name !== name));
if (unknown)
  program.error(`There is no benchmark ${unknown}. Known: ${BENCHES.map((b) => b.name).join(", ")}.`);

let failed = false;
for (const bench of BENCHES) {
  if (wanted.length > 0 && !wanted.includes(bench.name)) continue;
  for (const result of await bench.run({ rounds })) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    failed ||= !result.pass;
  }
}
process.exit(failed ? 1 : 0);
