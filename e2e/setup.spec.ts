import { expect } from "@playwright/test";
import { sentJob } from "@/e2e/composing";
import { at, expectAccessible, OWNER, SLUG, test } from "@/e2e/fixtures";

test("the printed link makes the owner and the first workspace, once", async ({
  page,
  context,
  complaints,
}) => {
  await page.goto("/");
  await expect(
    page,
    "before setup there is nothing to sign in to, and no way in without the link",
  ).not.toHaveURL(new RegExp(`/${SLUG}`));

  await page.goto(process.env.E2E_SETUP_URL!);
  await expectAccessible(page, "the setup page");
  await page.getByRole("button", { name: "Set up Jobdeck" }).click();
  await expect(page.getByText("Tell us your name.")).toBeVisible();

  await page.getByLabel("Your name").fill(OWNER.name);
  await page.getByLabel("Mail address").fill(OWNER.email);
  await page.getByLabel("Password").fill("short");
  await page.getByLabel("Workspace").fill(OWNER.workspace);
  await page.getByRole("button", { name: "Set up Jobdeck" }).click();
  await expect(page.getByText("A password needs at least 10 characters.")).toBeVisible();

  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByRole("button", { name: "Set up Jobdeck" }).click();
  await page.waitForURL(at(""));
  await expect(page.getByRole("main")).toContainText("Send your first job");
  await context.storageState({ path: process.env.E2E_OWNER });

  // The link is used up, for the owner and for everybody else.
  complaints.expect(/status of 40[0-9]/);
  await context.clearCookies();
  await page.goto(process.env.E2E_SETUP_URL!);
  await expect(page.getByLabel("Your name")).toHaveCount(0);
});

test("the first card of the overview is a request that ends in a picture", async ({ page }) => {
  await page.goto(at(""));
  await page.getByRole("link", { name: "Compose a request" }).click();
  // Nothing is written or chosen: the card brings it all.
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await sentJob(page)
    .getByRole("link", { name: /Open job/ })
    .click();
  await expect(page.getByRole("img", { name: /^Result:/ })).toBeVisible({ timeout: 60_000 });
});

test("many requests are sent at once to a sample, and all of them are answered", async ({ page }) => {
  await page.goto(at("/batches/new"));
  await page.getByRole("combobox", { name: "Endpoint" }).click();
  await page.getByRole("option", { name: /^sample-text/ }).click();
  await page.getByLabel("Name").fill("Three beginnings");
  const inputs = ["The harbour", "A lantern", "Somebody"].map((prompt) => ({ prompt, max_tokens: 8 }));
  await page.getByLabel("Inputs").fill(inputs.map((input) => JSON.stringify(input)).join("\n"));
  await page.getByRole("button", { name: "Send 3 requests" }).click();
  await expect(page).toHaveURL(/\/batches\/[0-9a-f-]{36}$/);
  // What the tests of all pages look at: a finished job and a batch.
  const finished = async () => {
    const answer = await page.request.get(`/api/w/${SLUG}/jobs?state=COMPLETED`);
    return ((await answer.json()) as { jobs: unknown[] }).jobs.length;
  };
  await expect.poll(finished, { timeout: 45_000 }).toBe(4);
});
