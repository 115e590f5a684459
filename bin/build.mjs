// Building the pages when their sources changed. Runs before tsx is loaded, so it imports Node's own modules only.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./install.mjs";

const SOURCES = [
  "app",
  "components",
  "lib",
  "public",
  "next.config.mjs",
  "postcss.config.mjs",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];
const OUTPUT = path.join(root, ".next");
/** Beside what it vouches for, and written last: a build that failed or was interrupted has none. */
const STAMP = path.join(OUTPUT, "jobdeck-sources");
const LOCK = path.join(root, ".cache/build.lock");

/** @returns {Promise<string>} the same for the same sources, whatever their times say */
export async function hashSources() {
  const hash = createHash("sha256").update(process.version.split(".")[0]);
  for (const name of SOURCES) await addToHash(hash, name);
  return hash.digest("hex");
}

async function addToHash(hash, name) {
  const file = path.join(root, name);
  const info = await stat(file).catch(() => undefined);
  if (!info) return;
  if (info.isDirectory()) {
    for (const entry of (await readdir(file)).sort()) await addToHash(hash, path.join(name, entry));
  } else if (!/\.test\.tsx?$/.test(name)) {
    hash.update(`${name}\0${info.size}\0`).update(await readFile(file));
  }
}

const builtFrom = () => readFile(STAMP, "utf8").catch(() => undefined);

/**
 * Build when the sources are not the ones of the last complete build. Two at once: the second waits, and then finds the
 * work done.
 * @param {{ say?: (line: string) => void }} options
 * @throws {Error} with words for the person at the terminal
 */
export async function ensureBuilt({ say = (line) => console.error(line) } = {}) {
  if ((await builtFrom()) === (await hashSources())) return;
  const release = await takeLock(say);
  try {
    const sources = await hashSources();
    if ((await builtFrom()) === sources) return;
    say("Building the pages. This takes about a minute, and only when the sources changed.");
    await rm(STAMP, { force: true });
    await runBuild();
    await writeFile(`${STAMP}.new`, sources, { flush: true });
    await rename(`${STAMP}.new`, STAMP);
  } finally {
    await release();
  }
}

function runBuild() {
  const next = path.join(root, "node_modules/next/dist/bin/next");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [next, "build"], {
      cwd: root,
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Only told when something went wrong: a table of routes helps nobody who wants to start the product.
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => said.push(chunk));
    const stop = (signal) => child.kill(signal);
    process.on("SIGINT", stop).on("SIGTERM", stop);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      if (code === 0) resolve();
      else {
        process.stderr.write(Buffer.concat(said));
        reject(new Error(`next build ended with ${signal ?? `code ${code}`}; its words are above.`));
      }
    });
  });
}

/** @returns {Promise<() => Promise<void>>} how to give the lock back */
async function takeLock(say) {
  await mkdir(path.dirname(LOCK), { recursive: true });
  for (let said = false; ; ) {
    try {
      const file = await open(LOCK, "wx");
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(LOCK, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (await abandoned()) {
      await rm(LOCK, { force: true });
      continue;
    }
    if (!said) say("Another process is building the pages; waiting for it.");
    said = true;
    await sleep(200);
  }
}

/** Whoever holds the lock is gone. Twice the same answer, because a fresh lock is empty for an instant. */
async function abandoned() {
  const dead = async () => {
    const pid = Number(await readFile(LOCK, "utf8").catch(() => "none"));
    if (Number.isNaN(pid)) return false;
    if (pid === 0) return true;
    try {
      process.kill(pid, 0);
      return false;
    } catch (error) {
      return error.code === "ESRCH";
    }
  };
  if (!(await dead())) return false;
  await sleep(300);
  return dead();
}
