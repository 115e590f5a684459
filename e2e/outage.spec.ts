import { expect } from "@playwright/test";
import { whileDatabaseIsDead } from "@/e2e/database";
import { at, test } from "@/e2e/fixtures";

test("a dead database is a banner over the rows, and everything comes back by itself", async ({
  page,
  context,
  complaints,
}) => {
  // The failed reads themselves, and React saying that the server could not draw a page.
  complaints.expect(/answer 50\d|status of 50\d|React error #441/);
  await page.goto(at("/jobs"));
  const rows = page.getByRole("row");
  expect(await rows.count()).toBeGreaterThan(1);
  const late = await context.newPage();
  const banner = page.getByText("Jobdeck cannot reach its database");

  await whileDatabaseIsDead(async () => {
    await expect(banner).toBeVisible();
    // The table draws what is in sight, so their number wanders a little.
    expect(await rows.count()).toBeGreaterThan(1);
    await late.goto(at("/jobs"));
    await expect(late.getByText("This page opens by itself")).toBeVisible();
  });
  await expect(banner).toHaveCount(0, { timeout: 60_000 });
  await expect(late.getByRole("table")).toBeVisible({ timeout: 60_000 });
  expect(await rows.count()).toBeGreaterThan(1);
});
