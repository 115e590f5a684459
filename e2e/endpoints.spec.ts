import { expect } from "@playwright/test";
import { sendJob } from "@/e2e/composing";
import { connect, fillCustomEndpoint } from "@/e2e/connecting";
import { at, expectAccessible, test, UPSTREAM_KEY } from "@/e2e/fixtures";

test("both samples are there after setup", async ({ page }) => {
  await page.goto(at("/endpoints"));
  for (const name of ["sample-image", "sample-text"])
    await expect(page.getByRole("link", { name, exact: true })).toBeVisible();
});

test("testing a connection tells apart a good one, a wrong key, a wrong id and nobody there", async ({
  page,
  provider,
}) => {
  const upstream = await provider({ endpointIds: ["ep1"] });
  const cases = [
    { name: "good", baseUrl: upstream.url, says: /Connected/ },
    { name: "bad key", baseUrl: upstream.url, key: "not-the-key", says: /The key was refused/ },
    { name: "bad id", baseUrl: upstream.url, endpointId: "nothing-here", says: /No such endpoint/ },
    { name: "nobody", baseUrl: "http://127.0.0.1:9/v2", says: /Not reachable/ },
    { name: "forbidden", baseUrl: "http://169.254.169.254/v2", says: /This address is not allowed/ },
  ];
  for (const { says, ...values } of cases) {
    await fillCustomEndpoint(page, values);
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByRole("dialog")).toContainText(says);
  }
});

test("an endpoint is added, renamed and removed; its key is never shown again", async ({
  page,
  provider,
}) => {
  const upstream = await provider();
  const id = await connect(page, upstream, "Short-lived");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Short-lived");
  expect(await page.content()).not.toContain(UPSTREAM_KEY);

  await page.getByLabel("Name", { exact: true }).fill("Renamed");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Renamed");

  await page.getByRole("button", { name: /^Remove/ }).click();
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: /^Remove/ })
    .click();
  await expect(page).toHaveURL(/\/endpoints$/);
  await expect(page.getByRole("link", { name: "Renamed" })).toHaveCount(0);
  const answer = await page.request.get(`/api/w/night-shift/endpoints/${id}/health`);
  expect(answer.ok()).toBe(false);
});

test("a key that is revoked pauses the endpoint: said on every page that waits for it, and resumed by an editor", async ({
  page,
  provider,
  complaints,
}) => {
  // Its health is asked with the key that is refused.
  complaints.expect(/50[0-9]/);
  const upstream = await provider({ runMedianMs: 60_000 });
  const id = await connect(page, upstream, "Revoked in flight");
  await sendJob(page, "Revoked in flight", { question: "who goes there?" });
  await expect.poll(() => upstream.counters().operations.status.requests).toBeGreaterThan(0);
  upstream.revokeKey();

  await page.goto(at(`/endpoints/${id}`));
  await expect(page.getByText("Paused: nothing is sent or watched")).toBeVisible();
  await expectAccessible(page, "a paused endpoint");
  const asked = upstream.counters().requests;
  for (const path of ["/jobs", ""]) {
    await page.goto(at(path));
    await expect(page.getByText("Revoked in flight is paused")).toBeVisible();
  }
  // The health on its page is asked by the page; nothing else is.
  expect(upstream.counters().requests - asked).toBeLessThanOrEqual(2);

  upstream.restoreKey();
  await page.goto(at(`/endpoints/${id}`));
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("Paused: nothing is sent or watched")).toHaveCount(0);
  upstream.finishAll();
  await page.goto(at(`/jobs?endpoint=${id}`));
  await expect(page.getByRole("main")).toContainText("Completed");
});

test("an endpoint that stops answering says so, shows its traffic, and goes on by itself", async ({
  page,
  provider,
  complaints,
}) => {
  complaints.expect(/50[0-9]/);
  const upstream = await provider({ runMedianMs: 60_000 });
  const id = await connect(page, upstream, "Stops answering");
  await sendJob(page, "Stops answering", { question: "still there?" });
  await page.goto(at(`/endpoints/${id}`));
  const traffic = page.locator("section").filter({ has: page.getByRole("heading", { name: "Traffic" }) });
  await expect(traffic).toContainText(/status.*of 200/);
  await expect(traffic).toContainText(/running/);
  await expectAccessible(page, "the traffic of an endpoint");

  upstream.setFaults([{ operation: "status", fault: { kind: "status", status: 503 } }]);
  await expect(page.getByText("It has not been answering")).toBeVisible({ timeout: 30_000 });
  await page.goto(at("/jobs"));
  await expect(page.getByText("Stops answering has not been answering")).toBeVisible();
  upstream.setFaults([]);
  upstream.finishAll();
  await page.goto(at(`/jobs?endpoint=${id}`));
  await expect(page.getByRole("main")).toContainText("Completed", { timeout: 60_000 });
});
