import { readFileSync } from "node:fs";
import path from "node:path";

const manifest = (): Record<string, string> =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, "../../package.json"), "utf8")) as Record<
    string,
    string
  >;

export const productVersion = (): string => manifest().version!;

export const productDescription = (): string => manifest().description!;
