import { describe, expect, it } from "vitest";
import { GLOBAL_TABLES, isPure } from "@/lib/architecture/conventions";
import { importCycles, RULES, tablesIn } from "@/lib/architecture/rules";
import { readSources, sourcePaths } from "@/lib/architecture/tree";

const files = sourcePaths();
const sources = readSources(files);
const code = sources.filter((s) => !s.path.endsWith(".css"));

describe("the house as it stands", () => {
  it.each(Object.entries(RULES))("%s", (name, rule) => {
    const looked = name === "filesStaySmall" ? sources : code;
    expect(looked.flatMap((s) => rule(s).map((words) => `${s.path} ${words}`))).toEqual([]);
  });

  it("has no import cycle", () => {
    expect(importCycles(code)).toEqual([]);
  });

  it("was really looked at", () => {
    const count = (folder: string) => sources.filter((s) => s.path.startsWith(`${folder}/`)).length;
    expect(count("lib")).toBeGreaterThan(40);
    expect(count("app")).toBeGreaterThan(5);
    expect(count("components")).toBeGreaterThan(10);
    expect(files.filter(isPure).length).toBeGreaterThan(8);
    const ours = code.flatMap((s) => s.imports.filter((i) => i.ours));
    expect(ours.length).toBeGreaterThan(100);
    // A specifier that resolves to no file would slip through every rule.
    expect(ours.map((i) => i.target).filter((t) => !files.includes(t) && !t.endsWith(".json"))).toEqual([]);
    const tables = sources.flatMap(tablesIn);
    expect(tables.filter((t) => t.hasWorkspace).length).toBeGreaterThan(8);
    expect(GLOBAL_TABLES.filter((name) => !tables.some((t) => t.name === name))).toEqual([]);
  });
});
