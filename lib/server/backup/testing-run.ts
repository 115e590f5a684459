import { vi } from "vitest";
import { main } from "@/lib/server/cli";

/** One command in this process, with these settings and nothing else of the environment that matters to it. */
export async function run(
  args: string[],
  settings: { url?: string; dataDir: string; key?: Buffer },
  startedIn?: string,
): Promise<{ code: number; words: string }> {
  vi.stubEnv("DATABASE_URL", settings.url ?? "");
  vi.stubEnv("JOBDECK_DATA_DIR", settings.dataDir);
  vi.stubEnv("JOBDECK_SECRET_KEY", settings.key?.toString("base64") ?? "");
  let words = "";
  const catchWords = (chunk: unknown): boolean => {
    words += chunk;
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation(catchWords),
  );
  try {
    return { code: await main(args, startedIn), words };
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}
