#!/usr/bin/env node
// The command `jobdeck`, also on a bare clone: installs what is missing, builds what changed, then runs the program in this
// same process, so that there is nobody in between to lose a signal or an exit code.
import path from "node:path";
import { pathToFileURL } from "node:url";

const NODE = [20, 19];

/** Whether these arguments start something that serves the built pages. */
function needsBuild(args) {
  if (args.some((arg) => arg === "--help" || arg === "-h" || arg === "--version" || arg === "-V"))
    return false;
  const command = args.find((arg) => !arg.startsWith("-"));
  const role = /--role[= ](\S+)/.exec(args.join(" "))?.[1];
  return command === "web" || (command === "start" && (role === undefined || role === "web"));
}

async function run(args) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < NODE[0] || (major === NODE[0] && minor < NODE[1]))
    throw new Error(
      `Jobdeck needs Node.js ${NODE.join(".")} or newer, and this is ${process.versions.node}. Install a newer one from https://nodejs.org (24 is recommended).`,
    );
  // Settings name paths from where the person stands; everything else is found from the program's own directory.
  if (process.env.JOBDECK_DATA_DIR) process.env.JOBDECK_DATA_DIR = path.resolve(process.env.JOBDECK_DATA_DIR);
  const startedIn = process.cwd();
  const { ensureInstalled, root } = await import("./install.mjs");
  process.chdir(root);
  await ensureInstalled();
  if (needsBuild(args)) {
    const { ensureBuilt } = await import("./build.mjs");
    await ensureBuilt();
  }
  // What `node --import tsx` does.
  await import("tsx");
  const { main } = await import(pathToFileURL(path.join(root, "lib/server/cli.ts")).href);
  return main(args, startedIn);
}

run(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
