/**
 * B12: what the product costs before anybody uses it, against an empty Next app that renders one dynamic page.
 * Start: from the command to a whole page, pages already built, database already made (the second start of a data
 * directory; the first one is in the detail). Memory: everything that the command started, PostgreSQL included, after the
 * first page and a quiet while. Pass: at most 2 s and 150 MB more than the peer; aim 0.5 s and 60 MB. `ratio` is that
 * difference.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { buildBareNext } from "@/bench/bare-next";
import { familyMemoryMb } from "@/bench/process-memory";
import { BUILD_LIMIT_MS, PRODUCT_COMMAND, productHome } from "@/bench/product";
import { alternate, type Bench, type BenchResult, median, round, spread } from "@/bench/report";
import { freePort, startServer } from "@/bench/server-process";

const QUIET_MS = 5000;
const START = { pass: 2, aim: 0.5 };
const MEMORY = { pass: 150, aim: 60 };

type Cost = { startS: number; memoryMb: number };

async function costOf(
  command: readonly string[],
  env: Record<string, string>,
  limitMs = 120_000,
): Promise<Cost> {
  const server = await startServer({ command, env, port: await freePort(), limitMs });
  try {
    await sleep(QUIET_MS);
    return { startS: server.usableAfterMs / 1000, memoryMb: familyMemoryMb(server.pid) };
  } finally {
    await server.stop();
  }
}

async function run({ rounds }: { rounds: number }): Promise<BenchResult[]> {
  const bare = buildBareNext();
  const { env, remove } = productHome();
  try {
    // builds the pages when their sources changed, and makes the database
    await costOf(PRODUCT_COMMAND, env, BUILD_LIMIT_MS);
    remove();
    const first = await costOf(PRODUCT_COMMAND, env);
    const pairs = await alternate(
      rounds,
      () => costOf(PRODUCT_COMMAND, env),
      () => costOf(bare, {}),
    );
    const compare = (
      name: keyof Cost,
      unit: string,
      { pass, aim }: { pass: number; aim: number },
    ): BenchResult => {
      const more = pairs.map((pair) => pair.product[name] - pair.peer[name]);
      const ratio = round(median(more), 2);
      return {
        bench: "B12",
        ratio,
        target: pass,
        pass: ratio <= pass,
        detail: {
          measure: `${name === "startS" ? "command to usable page" : "idle memory"}, ${unit} more than bare Next`,
          aim,
          aimMet: ratio <= aim,
          rounds,
          more: spread(more),
          product: round(median(pairs.map((pair) => pair.product[name])), 2),
          peer: round(median(pairs.map((pair) => pair.peer[name])), 2),
          productFirstStart: round(first[name], 2),
        },
      };
    };
    return [compare("startS", "s", START), compare("memoryMb", "MB", MEMORY)];
  } finally {
    remove();
  }
}

export const b12: Bench = { name: "B12", run };
