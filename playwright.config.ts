import { defineConfig } from "@playwright/test";

/**
 * The built product, started once per run (e2e/global-setup.ts). One worker: the tests share that instance, and two cores
 * are already busy with a database, a web process, a collector, the sample workers and a browser.
 */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results/browser",
  globalSetup: "./e2e/global-setup.ts",
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // A test that only passes when repeated has found something.
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: { executablePath: process.env.JOBDECK_CHROMIUM || undefined },
  },
  projects: [
    // Creates the owner and the workspace through the printed link; everything else starts signed in.
    { name: "first run", testMatch: "setup.spec.ts" },
    {
      name: "product",
      testMatch: "*.spec.ts",
      testIgnore: ["setup.spec.ts", "canaries.spec.ts"],
      dependencies: ["first run"],
    },
    // Last, so that the logs and the database hold what the tests before it have caused; also when one of them failed.
    { name: "secrets", testMatch: "canaries.spec.ts", dependencies: ["first run"] },
  ],
});
