import { expect, type Page } from "@playwright/test";
import { expectAccessible, test } from "@/e2e/fixtures";
import { everyPage, knownRows } from "@/e2e/known";

const WIDTHS = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];

for (const colorScheme of ["light", "dark"] as const)
  for (const viewport of WIDTHS)
    test(`every page is accessible, ${colorScheme}, ${viewport.width} px`, async ({ page, complaints }) => {
      test.setTimeout(180_000);
      complaints.expect(/status of 404/);
      await page.emulateMedia({ colorScheme });
      const pages = everyPage(await knownRows(page.request));
      expect(pages.length).toBeGreaterThan(8);
      for (const { path } of pages)
        await test.step(path, async () => {
          await page.setViewportSize(viewport);
          await page.goto(path);
          await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
          await showWhole(page, viewport);
          await expectAccessible(page, path);
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - window.innerWidth,
          );
          expect(overflow, `${path} scrolls sideways by ${overflow} px`).toBeLessThanOrEqual(0);
        });
    });

/** All of the page at once: what the bar at the bottom covers for the moment is no fault. Lists grow as they are seen. */
async function showWhole(page: Page, { width, height }: { width: number; height: number }): Promise<void> {
  for (let shown = height, round = 0; round < 5; round++) {
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    if (whole <= shown) return;
    shown = whole;
    await page.setViewportSize({ width, height: shown });
    await page.waitForLoadState("networkidle", { timeout: 2000 }).catch(() => {}); // live pages never rest
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
