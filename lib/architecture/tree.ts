import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseSource, type Source } from "@/lib/architecture/source";

const FOLDERS = ["app", "components", "lib", "bin", "bench", "faults", "e2e"];
const root = path.resolve(import.meta.dirname, "../..");

/** Every source file of the project, as repository paths with forward slashes. */
export function sourcePaths(): string[] {
  return FOLDERS.filter((folder) => existsSync(path.join(root, folder))).flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .map((file) => `${folder}/${file.split(path.sep).join("/")}`)
      .filter((file) => /\.(ts|tsx|mjs|css)$/.test(file)),
  );
}

export function readSources(files: string[]): Source[] {
  const known = new Set(files);
  return files.map((file) =>
    parseSource(file, readFileSync(path.join(root, file), "utf8"), (candidate) => known.has(candidate)),
  );
}
