import { expect } from "@playwright/test";
import { connect, fillCustomEndpoint } from "@/e2e/connecting";
import { at, test, UPSTREAM_KEY } from "@/e2e/fixtures";

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
