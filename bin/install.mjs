// Installing the dependencies of a bare clone. Runs before anything is installed, so it imports Node's own modules only.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "..");

/** @returns {Promise<Record<string, LockEntry> | undefined>} undefined when the file is missing or unreadable */
async function lockedPackages(file) {
  try {
    return JSON.parse(await readFile(path.join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Why `npm ci` is needed, or undefined when what is installed is what the lock says.
 *
 * npm writes node_modules/.package-lock.json last, so an interrupted installation has none. Comparing the two lists also
 * notices a pull that moved a version, and a node_modules that was copied from another operating system.
 * @typedef {{ version: string, optional?: boolean, dev?: boolean, devOptional?: boolean, os?: string[], cpu?: string[] }} LockEntry
 * @param {{ dev?: boolean }} options `dev: false` accepts an installation without the development packages (an image)
 */
export async function installReason({ dev = true } = {}) {
  const [wanted, present] = await Promise.all([
    lockedPackages("package-lock.json"),
    lockedPackages("node_modules/.package-lock.json"),
  ]);
  if (!wanted)
    throw new Error("package-lock.json is missing or damaged. Restore it: git checkout package-lock.json");
  if (!present) return "nothing is installed yet";
  for (const [name, entry] of Object.entries(wanted)) {
    if (name === "" || entry.optional || entry.devOptional || (!dev && entry.dev)) continue;
    if (present[name]?.version !== entry.version)
      return `${name.replace("node_modules/", "")} is not at ${entry.version}`;
  }
  for (const [name, entry] of Object.entries(present)) {
    const foreign =
      (entry.os && !entry.os.includes(process.platform)) || (entry.cpu && !entry.cpu.includes(process.arch));
    if (foreign) return `${name.replace("node_modules/", "")} belongs to another platform`;
  }
  return undefined;
}

/** npm as a command: the very npm that started us when there is one, else the one on PATH. */
function npmCommand(args) {
  const npm = process.env.npm_execpath;
  if (npm && /npm-cli\.c?js$/.test(npm)) return [process.execPath, [npm, ...args], {}];
  // npm.cmd can only be started through a shell; the arguments are constants, so nothing needs quoting.
  return ["npm", args, { shell: process.platform === "win32" }];
}

/**
 * Install from the lock when needed. Quiet when there is nothing to do.
 * @param {{ dev?: boolean, say?: (line: string) => void }} options
 * @throws {Error} with words for the person at the terminal
 */
export async function ensureInstalled({ dev = true, say = (line) => console.error(line) } = {}) {
  const reason = await installReason({ dev });
  if (!reason) return;
  say(`Installing dependencies from package-lock.json (${reason}). This takes a minute the first time.`);
  // NODE_ENV=production would leave out what the build needs.
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const [command, commandArgs, options] = npmCommand(args);
  const code = await new Promise((resolve, reject) => {
    // stdout belongs to the caller's own output; what npm says goes to stderr.
    const child = spawn(command, commandArgs, { cwd: root, stdio: ["ignore", 2, 2], ...options });
    child.once("error", (cause) =>
      reject(
        new Error("npm could not be started. Install Node.js with npm (https://nodejs.org).", { cause }),
      ),
    );
    child.once("exit", resolve);
  });
  if (code !== 0)
    throw new Error(
      `npm ci ended with code ${code}; its words are above. Without a network nothing can be installed: check it and try again.`,
    );
}
