import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { migrate } from "@/lib/db/migrate";
import { type EmbeddedPostgres, startPostgres } from "@/lib/server/postgres";
import { chosenHome, socketUrl } from "@/lib/server/postgres-cluster";

/**
 * The PostgreSQL of one test run, as a process of its own: it outlives neither the end nor the death (kill -9 included) of
 * the run that started it, because it stops when the channel to its parent closes.
 */
const dataDir = mkdtempSync(path.join(tmpdir(), "jobdeck-test-"));
// Started as root, PostgreSQL's own user must pass through it; otherwise the cluster would be placed outside of it.
if (process.getuid?.() === 0) chmodSync(dataDir, 0o711);
let server: EmbeddedPostgres | undefined;
let leaving = false;

async function leave(code: number): Promise<void> {
  if (leaving) return;
  leaving = true;
  await server?.stop();
  // The cluster lies elsewhere when the temporary directory itself is below a private home.
  for (const directory of [chosenHome(dataDir), dataDir]) rmSync(directory, { recursive: true, force: true });
  process.exit(code);
}

process.once("disconnect", () => void leave(0));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => void leave(0));

try {
  server = await startPostgres({
    dataDir,
    note: () => {},
    settings: { max_connections: "300" },
  });
  if (process.connected) {
    // Copied for each test; owned by the role that the product runs as, so that a missing privilege shows.
    const template = socketUrl(server.socketDir, "jobdeck", "jobdeck");
    await migrate(template);
    process.send?.({ adminUrl: server.adminUrl, socketDir: server.socketDir });
  } else await leave(0);
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) });
  await leave(1);
}
