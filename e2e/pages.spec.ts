import { expect, type Page } from "@playwright/test";
import { expectAccessible, test } from "@/e2e/fixtures";
import { everyPage, knownRows } from "@/e2e/known";

const WIDTHS = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];

for (const viewport of WIDTHS)
  test(`every page is accessible, light and dark, ${viewport.width} px`, async ({ page, complaints }) => {
    test.setTimeout(480_000);
    complaints.expect(/status of 404/);
    const pages = everyPage(await knownRows(page.request));
    expect(pages.length).toBeGreaterThan(8);
    for (const { path } of pages)
      await test.step(path, async () => {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await showWhole(page, viewport);
        await expectAccessible(page, `${path}, light`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, `${path} scrolls sideways by ${overflow} px`).toBeLessThanOrEqual(0);
        // The themes differ in nothing but colours, so the second one is looked at for these only.
        await page.emulateMedia({ colorScheme: "dark" });
        await drawn(page);
        await expectAccessible(page, `${path}, dark`, ["color-contrast", "link-in-text-block"]);
      });
  });

/** Until the second frame from now: without motion, new colours are there by then. */
const drawn = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** All of the page at once: what the bar at the bottom covers for the moment is no fault. Lists grow as they are seen. */
async function showWhole(page: Page, { width, height }: { width: number; height: number }): Promise<void> {
  for (let shown = height, round = 0; round < 10; round++) {
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    if (whole > shown) {
      shown = whole;
      await page.setViewportSize({ width, height: shown });
    } else if (round > 0) return;
    // Until what came into view has been fetched and drawn.
    await page.waitForTimeout(200);
  }
}

test("the theme that a person chose stays after a reload and does not flash", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  const light = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.getByRole("button", { name: /theme and sign out/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect
    .poll(() => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor))
    .not.toBe(light);
  await page.reload();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).not.toBe(
    light,
  );
});
