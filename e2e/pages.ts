import { readdirSync } from "node:fs";
import path from "node:path";

/** Every page of the product as Next sees it, from the files: `/[workspace]/jobs/[id]`. Route groups are not in the URL. */
export function pagePatterns(): string[] {
  const app = path.resolve(import.meta.dirname, "../app");
  return readdirSync(app, { recursive: true, encoding: "utf8" })
    .filter((file) => path.basename(file) === "page.tsx")
    .map((file) => {
      const segments = path
        .dirname(file)
        .split(path.sep)
        .filter((segment) => segment !== "." && !/^\(.*\)$/.test(segment));
      return `/${segments.join("/")}`;
    })
    .sort();
}
