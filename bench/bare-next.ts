import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "@/bench/server-process";

const FOLDER = path.join(ROOT, ".cache/bench-bare-next");
const NEXT = path.join(ROOT, "node_modules/next/dist/bin/next");

const FILES: Record<string, string> = {
  "package.json": '{ "private": true }\n',
  "next.config.mjs": `export default { turbopack: { root: ${JSON.stringify(ROOT)} } };\n`,
  "app/layout.jsx": 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
  // dynamic, as every page behind a sign-in is
  "app/page.jsx":
    'import { headers } from "next/headers";\nexport default async function Page() {\n  await headers();\n  return <main>Hello</main>;\n}\n',
};

/** The empty app of the installed Next, built once per run. @returns the command that serves it on `PORT` */
export function buildBareNext(): string[] {
  for (const [name, text] of Object.entries(FILES)) {
    const file = path.join(FOLDER, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const built = spawnSync(process.execPath, [NEXT, "build", FOLDER], {
    cwd: FOLDER,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    encoding: "utf8",
  });
  if (built.status !== 0)
    throw new Error(`the bare Next app did not build:\n${built.stdout}\n${built.stderr}`);
  return [NEXT, "start", FOLDER, "--hostname", "127.0.0.1"];
}
