// A Chromium for the end-to-end tests, from wherever this machine can have one. Needs the dependencies installed.
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import path from "node:path";
import { tool } from "./steps.mjs";

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "chrome",
  "microsoft-edge",
];
const MAC_APPS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** @returns {string[]} */
function onPath() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const suffix = process.platform === "win32" ? ".exe" : "";
  const candidates = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name + suffix)));
  return [...candidates, ...MAC_APPS].filter((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Only a browser that starts counts: a snap's wrapper or one without its libraries does not. */
async function starts(executablePath) {
  const { chromium } = await import("@playwright/test");
  try {
    const browser = await chromium.launch({ executablePath, timeout: 20_000 });
    await browser.close();
    return true;
  } catch {
    return false;
  }
}

/** @returns {Promise<boolean>} whether the command ended well in time; its output goes to stderr only if `loud` */
function run(command, args, { timeoutMs, env = {}, loud = true }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", loud ? 2 : "ignore", loud ? 2 : "ignore"],
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

const download = () =>
  run(process.execPath, [tool("playwright/cli.js"), "install", "--only-shell", "chromium"], {
    timeoutMs: 180_000,
    // A closed network answers nothing at all: give up on it quickly.
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "8000" },
    loud: false,
  });

async function installWithApt(say) {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    return false;
  say("Installing Chromium with apt-get; this takes a minute.");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const options = { timeoutMs: 300_000, env };
  if (!(await run("apt-get", ["update", "-qq"], options))) return false;
  return run(
    "apt-get",
    ["install", "-y", "-qq", "--no-install-recommends", "--no-upgrade", "chromium"],
    options,
  );
}

/**
 * Make sure of a browser: Playwright's own when it is already here, then an installed one (no network needed), then
 * Playwright's download, then apt-get as root.
 * @param {(line: string) => void} say
 * @returns {Promise<string | undefined>} the executable; undefined means Playwright's own
 * @throws {Error} that says what to install
 */
export async function ensureBrowser(say = (line) => console.error(line)) {
  const chosen = process.env.JOBDECK_CHROMIUM;
  if (chosen) {
    if (await starts(chosen)) return chosen;
    throw new Error(`JOBDECK_CHROMIUM names ${chosen}, which does not start. Name another one or unset it.`);
  }
  if (await starts(undefined)) return undefined;
  for (const file of onPath()) if (await starts(file)) return file;
  say("No browser found: trying Playwright's own download.");
  if ((await download()) && (await starts(undefined))) return undefined;
  // Where Debian puts it, also when PATH is a narrow one.
  if ((await installWithApt(say)) && (await starts("/usr/bin/chromium"))) return "/usr/bin/chromium";
  throw new Error(
    "The end-to-end tests need a Chromium. Neither Playwright's download nor apt-get brought one. Install Chromium or Chrome and put it on PATH, or name it in JOBDECK_CHROMIUM.",
  );
}
