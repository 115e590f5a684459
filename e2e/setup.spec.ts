import { expect } from "@playwright/test";
import { expectAccessible, OWNER, SLUG, test } from "@/e2e/fixtures";

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
  await expect(page).toHaveURL(new RegExp(`/${SLUG}$`));
  await expect(page.getByRole("main")).toContainText("Send your first job");
  await context.storageState({ path: process.env.E2E_OWNER });

  // The link is used up, for the owner and for everybody else.
  complaints.expect(/status of 40[0-9]/);
  await context.clearCookies();
  await page.goto(process.env.E2E_SETUP_URL!);
  await expect(page.getByLabel("Your name")).toHaveCount(0);
});
