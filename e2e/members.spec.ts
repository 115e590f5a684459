import { expect } from "@playwright/test";
import { at, expectAccessible, test } from "@/e2e/fixtures";
import { inviteLink, joinAs } from "@/e2e/inviting";

test("an invite link admits one person, in the role that was chosen", async ({
  page,
  stranger,
  complaints,
}) => {
  const link = await inviteLink(page, "viewer", "Vera, reads along");
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Vera, reads along" })).toBeVisible();

  await stranger.goto(link);
  await expectAccessible(stranger, "the invite page");
  await joinAs(stranger, link, { name: "Vera Viewer", email: "vera@example.com" });
  await page.reload();
  const line = page.getByRole("listitem").filter({ hasText: "vera@example.com" });
  await expect(line.getByRole("combobox", { name: "Role of Vera Viewer" })).toContainText("viewer");

  await test.step("a viewer sees jobs and sends none", async () => {
    await stranger.goto(at("/jobs"));
    await expect(stranger.getByRole("heading", { level: 1 })).toBeVisible();
    await stranger.goto(at("/compose"));
    await expect(stranger.getByRole("button", { name: "Send", exact: true })).toHaveCount(0);
    await stranger.goto(at("/endpoints"));
    await expect(stranger.getByRole("button", { name: "Connect an endpoint" })).toHaveCount(0);
    await stranger.goto(at("/settings/members"));
    await expect(stranger.getByRole("button", { name: "Invite", exact: true })).toHaveCount(0);
  });

  await test.step("the link is used up", async () => {
    complaints.expect(/status of 40[0-9]/);
    await stranger.context().clearCookies();
    await stranger.goto(link);
    await expect(stranger.getByLabel("Your name")).toHaveCount(0);
  });
});

test("a role is changed and a member is removed, with effect at once", async ({
  page,
  stranger,
  complaints,
}) => {
  complaints.expect(/status of 40[0-9]/);
  await joinAs(stranger, await inviteLink(page, "viewer"), { name: "Mo Mover", email: "mo@example.com" });
  await page.goto(at("/settings/members"));
  await page.getByRole("combobox", { name: "Role of Mo Mover" }).click();
  await page.getByRole("option", { name: /^submitter/ }).click();
  await expect(page.getByText("Mo Mover is now submitter")).toBeVisible();
  await stranger.goto(at("/compose"));
  await expect(stranger.getByRole("button", { name: "Send", exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Remove Mo Mover" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "mo@example.com" })).toHaveCount(0);
  await stranger.goto(at("/jobs"));
  await expect(stranger.getByRole("table")).toHaveCount(0);
  await expect(stranger.getByText("sample-image")).toHaveCount(0);
});

test("a revoked invite admits nobody", async ({ page, stranger, complaints }) => {
  complaints.expect(/status of 40[0-9]/);
  const link = await inviteLink(page, "owner", "sent to the wrong person");
  await page.getByRole("button", { name: "Done" }).click();
  const line = page.getByRole("listitem").filter({ hasText: "sent to the wrong person" });
  await line.getByRole("button", { name: "Revoke" }).click();
  await expect(line).toHaveCount(0);
  await stranger.goto(link);
  await expect(stranger.getByLabel("Your name")).toHaveCount(0);
});
