import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Draft } from "@/lib/input-schema/document";
import type { Schema } from "@/lib/input-schema/keywords";

/** The official tests, see the README beside them. */
const FOLDER = path.join(import.meta.dirname, "fixtures", "json-schema-test-suite");

type Group = {
  description: string;
  schema: Schema;
  tests: { description: string; data: unknown; valid: boolean }[];
};

const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8")) as unknown;

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(path.join(folder, entry.name)) : [path.join(folder, entry.name)],
  );

export function suiteFiles(draft: Draft): { name: string; groups: Group[] }[] {
  const folder = path.join(FOLDER, "tests", draft === "draft-07" ? "draft7" : "draft2020-12");
  return filesIn(folder)
    .sort()
    .map((file) => ({ name: path.basename(file, ".json"), groups: readJson(file) as Group[] }));
}

/** What the tests refer to, by the address under which they do. */
export function suiteDocuments(draft: Draft): Map<string, Schema> {
  const remotes = path.join(FOLDER, "remotes");
  const other = draft === "draft-07" ? "draft2020-12" : "draft7";
  const documents = new Map<string, Schema>();
  for (const file of filesIn(remotes)) {
    const name = path.relative(remotes, file);
    if (!name.startsWith(other)) documents.set(`http://localhost:1234/${name}`, readJson(file) as Schema);
  }
  const metaschemas = path.join(FOLDER, "metaschemas");
  if (draft === "draft-07")
    documents.set(
      "http://json-schema.org/draft-07/schema",
      readJson(path.join(metaschemas, "draft-07.json")) as Schema,
    );
  else
    for (const file of filesIn(path.join(metaschemas, "2020-12")))
      documents.set(
        `https://json-schema.org/draft/2020-12/${path.relative(path.join(metaschemas, "2020-12"), file).replace(/\.json$/, "")}`,
        readJson(file) as Schema,
      );
  return documents;
}
