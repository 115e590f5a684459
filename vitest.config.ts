import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": path.resolve(import.meta.dirname) } },
  test: {
    include: [
      "lib/**/*.test.ts",
      "components/**/*.test.ts",
      "bin/**/*.test.ts",
      "bench/**/*.test.ts",
      "faults/*.test.ts",
    ],
    globalSetup: "lib/db/testing-setup.ts",
    // Two cores: more workers than that only makes the real PostgreSQL and the real processes fight.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
