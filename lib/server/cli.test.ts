import { afterEach, expect, it, vi } from "vitest";
import { main } from "@/lib/server/cli";
import { EXIT } from "@/lib/server/exit-codes";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it("names every wrong setting before anything is started, also one that the log itself reads", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  vi.stubEnv("PORT", "abc");
  vi.stubEnv("JOBDECK_LOG_LEVEL", "loud");
  expect(await main(["start"])).toBe(EXIT.configuration);
  const words = said.mock.calls.join("");
  expect(words).toContain("PORT must be a whole number");
  expect(words).toContain("JOBDECK_LOG_LEVEL must be one of");
});
