import { expect, type Page } from "@playwright/test";
import { sendJob } from "@/e2e/composing";
import { connect } from "@/e2e/connecting";
import { at, test } from "@/e2e/fixtures";

const rowOf = (page: Page, jobId: string) =>
  page.getByRole("row").filter({ has: page.locator(`a[href$="${jobId}"]`) });

test("the table moves by itself, without a reload and without moving under the pointer", async ({
  page,
  context,
  provider,
}) => {
  const upstream = await provider({ script: () => ({ runMs: 3_600_000 }) });
  await connect(page, upstream, "Slow enough to watch");
  await sendJob(page, "Slow enough to watch", { marker: "one that is already there" });

  await page.goto(at("/jobs"));
  await expect(page.getByRole("table")).toBeVisible();
  await page.evaluate(() => Object.assign(window, { stillHere: true }));
  const other = await context.newPage();
  const id = await sendJob(other, "Slow enough to watch", { marker: "a newcomer" });

  await page.getByRole("button", { name: /^\d+ new$/ }).click();
  const row = rowOf(page, id);
  await expect(row).toContainText(/In queue|In progress/);
  upstream.finishAll();
  await expect(row).toContainText("Completed", { timeout: 20_000 });
  expect(await page.evaluate(() => "stillHere" in window)).toBe(true);
});

test("the filter is the URL: it survives a reload and Back undoes it", async ({ page, provider }) => {
  const upstream = await provider({ script: () => ({ fails: true }) });
  await connect(page, upstream, "Always fails");
  const id = await sendJob(page, "Always fails", { marker: "to be filtered" });
  await expect(page.getByText("The job failed")).toBeVisible({ timeout: 20_000 });

  await page.goto(at("/jobs"));
  await page.getByRole("button", { name: /^Failed/ }).click();
  await expect(page).toHaveURL(/state=FAILED/);
  await expect(rowOf(page, id)).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: /^Failed/ })).toHaveAttribute("aria-pressed", "true");
  await expect(rowOf(page, id)).toBeVisible();
  for (const state of await page
    .getByRole("row")
    .getByRole("cell")
    .filter({ hasText: /^(Failed|Completed)$/ })
    .allInnerTexts())
    expect(state).toBe("Failed");
  await page.goBack();
  await expect(page.getByRole("button", { name: /^All/ })).toHaveAttribute("aria-pressed", "true");
});

test("a hidden tab asks nothing and catches up when it is seen again", async ({ page }) => {
  await page.goto(at("/jobs"));
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const show = (state: "hidden" | "visible") =>
    page.evaluate((now) => {
      Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
      Object.defineProperty(document, "hidden", { value: now === "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, state);
  await expect.poll(() => asked.length).toBeGreaterThan(0);

  await show("hidden");
  await page.waitForTimeout(1500); // what was under way may still arrive
  asked.length = 0;
  await page.waitForTimeout(4000);
  expect(asked).toEqual([]);

  await show("visible");
  await expect.poll(() => asked.some((url) => url.includes("/jobs/changes"))).toBe(true);
});

test("a job is cancelled, retried and run again from its page", async ({ page, provider }) => {
  const upstream = await provider({
    workers: 1,
    script: (input) => ({ runMs: 1500, fails: "fails" in Object(input) }),
  });
  await connect(page, upstream, "Steered");

  await test.step("cancel", async () => {
    upstream.setWorkers(0);
    await sendJob(page, "Steered", { marker: "to be cancelled" });
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await expect(page.getByRole("main")).toContainText("Cancelled");
    upstream.setWorkers(1);
  });
  await test.step("retry", async () => {
    await sendJob(page, "Steered", { fails: true });
    await expect(page.getByText("The job failed")).toBeVisible({ timeout: 20_000 });
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    await expect(page.getByText("The job failed")).toHaveCount(0);
    await expect(page.getByText("The job failed")).toBeVisible({ timeout: 20_000 });
    expect(upstream.jobs().at(-1)?.retries).toBe(1);
  });
  await test.step("run again", async () => {
    const before = page.url();
    const accepted = upstream.counters().accepted;
    await page.getByRole("button", { name: "Run again", exact: true }).click();
    await expect(page).not.toHaveURL(before);
    await expect(page).toHaveURL(/\/jobs\/[0-9a-f-]{36}$/);
    await expect.poll(() => upstream.counters().accepted).toBe(accepted + 1);
  });
  expect(upstream.duplicates().size).toBe(0);
});
