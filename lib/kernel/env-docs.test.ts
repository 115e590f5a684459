import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { parseEnv } from "@/lib/kernel/env";

const readme = readFileSync(path.resolve(import.meta.dirname, "../../README.md"), "utf8");

/** Rows of the README's table: variable → what stands in its column of defaults. */
const documented = new Map(
  [...readme.matchAll(/^\| `([A-Z_]+)` \| (.*?) \|/gm)].map((row) => [row[1]!, row[2]!]),
);

/** Every variable that the program asks for. */
function settings(): string[] {
  const asked: string[] = [];
  parseEnv(new Proxy({}, { get: (_, name) => void asked.push(String(name)) }));
  return asked;
}

it("describes every setting in the README, and none that does not exist", () => {
  expect(settings().length).toBeGreaterThan(10);
  expect([...documented.keys()].sort()).toEqual([...new Set(settings())].sort());
});

it("states the defaults as they are", () => {
  const defaults = parseEnv({});
  expect(documented.get("PORT")).toBe(`\`${defaults.port}\``);
  expect(documented.get("HOST")).toBe(`\`${defaults.host}\``);
  expect(documented.get("JOBDECK_LOG_LEVEL")).toBe(`\`${defaults.logLevel}\``);
  expect(path.resolve(documented.get("JOBDECK_DATA_DIR")!.replaceAll("`", ""))).toBe(defaults.dataDir);
  expect(documented.get("JOBDECK_INTERNAL_URL")).toBe(
    `\`${defaults.internalUrl.replace(String(defaults.port), "PORT")}\``,
  );
});
