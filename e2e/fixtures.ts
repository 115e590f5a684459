import { existsSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import type { UpstreamOptions } from "@/bench/upstream/options";
import { startUpstream, type Upstream } from "@/bench/upstream/start";

/** What setup.spec.ts makes. The password is a canary: canaries.spec.ts looks for it everywhere. */
export const OWNER = {
  name: "Ada Owner",
  email: "ada@example.com",
  password: "canary-password-2f6c1b9e",
  workspace: "Night Shift",
} as const;
export const SLUG = "night-shift";

export const at = (page: string): string => `/${SLUG}${page}`;

/** Everything a browser complained about; a test fails on it unless it said beforehand that it expects it. */
class Complaints {
  readonly #found: string[] = [];
  readonly #expected: RegExp[] = [];

  expect(words: RegExp): void {
    this.#expected.push(words);
  }

  /** Console errors, uncaught errors and rejections, CSP reports, and answers of our own server above 499. */
  async listenTo(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(
          `CSP report: ${event.violatedDirective} blocked ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`,
        );
      });
    });
    context.on("page", settle);
    context.on("weberror", (error) =>
      this.#found.push(`uncaught: ${error.error().stack ?? error.error().message}`),
    );
    context.on("console", (message) => {
      const where = message.location().url;
      if (message.type() === "error") this.#found.push(`console: ${message.text()} (${where})`);
    });
    context.on("response", (response) => {
      if (response.status() >= 500) this.#found.push(`answer ${response.status()}: ${response.url()}`);
    });
  }

  verify(): void {
    const surprising = this.#found.filter((words) => !this.#expected.some((pattern) => pattern.test(words)));
    expect(surprising, "the browser complained").toEqual([]);
  }
}

/**
 * Let every `goto` wait until React has taken over what the server drew. The load event comes before that: on a busy
 * machine a click right after it meets a button that does nothing yet, and a test would wait for a menu that never opens.
 */
function settle(page: Page): void {
  const goto = page.goto.bind(page);
  page.goto = async (...args) => {
    const response = await goto(...args);
    await page.waitForFunction(() =>
      [...document.querySelectorAll("button, input, textarea")].every((element) =>
        Object.keys(element).some((key) => key.startsWith("__reactProps$")),
      ),
    );
    return response;
  };
}

type Fixtures = {
  complaints: Complaints;
  /** A second person's browser, signed out, watched like the first. */
  stranger: Page;
  /** Start a provider that does what the test tells it. It ends with the test. */
  provider: (options?: Partial<UpstreamOptions>) => Promise<Upstream>;
};

/** The API key of every scripted upstream: a canary as well. */
export const UPSTREAM_KEY = "canary-api-key-93b0d7f4e1";

export const test = base.extend<Fixtures>({
  baseURL: ({ baseURL: _ }, use) => use(process.env.E2E_URL ?? ""),
  // setup.spec.ts runs before there is an owner.
  storageState: ({ storageState: _ }, use) => {
    const owner = process.env.E2E_OWNER ?? "";
    return use(existsSync(owner) ? owner : undefined);
  },
  complaints: [
    async ({ context }, use) => {
      const complaints = new Complaints();
      await complaints.listenTo(context);
      await use(complaints);
      complaints.verify();
    },
    { auto: true },
  ],
  stranger: async ({ browser, complaints }, use) => {
    const context = await browser.newContext({ storageState: undefined, baseURL: process.env.E2E_URL });
    await complaints.listenTo(context);
    await use(await context.newPage());
    await context.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  provider: async ({}, use) => {
    const started: Upstream[] = [];
    await use(async (options) => {
      const upstream = await startUpstream({
        keys: [UPSTREAM_KEY],
        limits: "none",
        roundTripMs: 0,
        runMedianMs: 200,
        runSigma: 0,
        workers: 50,
        ...options,
      });
      started.push(upstream);
      return upstream;
    });
    await Promise.all(started.map((upstream) => upstream.close()));
  },
});

/**
 * No violation of WCAG 2.2 A and AA on the page as it stands.
 * @param rules only these rules of axe, instead of all
 */
export async function expectAccessible(page: Page, what: string, rules?: string[]): Promise<void> {
  const axe = new AxeBuilder({ page });
  if (rules) axe.withRules(rules);
  else axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
  const { violations, passes } = await axe.analyze();
  expect(passes.length + violations.length, `axe looked at nothing on ${what}`).toBeGreaterThan(0);
  const shown = violations.map(
    (v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => n.target.join(" ")).join(" | ")}`,
  );
  expect(shown, `accessibility of ${what}`).toEqual([]);
}
