import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startStage } from "@/e2e/stage";

/** Start the product once; the tests find it through the environment. */
export default async function globalSetup() {
  // Short, because a unix socket's path may have at most 107 bytes.
  const folder = mkdtempSync(path.join(tmpdir(), "jobdeck-e2e-"));
  // As root, PostgreSQL runs as another user, who must be able to pass through here.
  chmodSync(folder, 0o755);
  const stage = await startStage(folder);
  Object.assign(process.env, {
    E2E_URL: stage.url,
    E2E_SETUP_URL: stage.setupUrl,
    E2E_DATA_DIR: stage.dataDir,
    E2E_LOG: stage.logFile,
    E2E_OWNER: path.join(folder, "owner.json"),
  });
  return async () => {
    const { code, ms } = await stage.stop();
    rmSync(folder, { recursive: true, force: true });
    if (code !== 0 || ms > 5000)
      throw new Error(
        `Ctrl-C must end Jobdeck with code 0 in under 5 s; it took ${Math.round(ms)} ms, code ${code}`,
      );
  };
}
