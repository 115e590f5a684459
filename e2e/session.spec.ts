import { expect } from "@playwright/test";
import { at, expectAccessible, OWNER, test } from "@/e2e/fixtures";
import { inviteLink, joinAs } from "@/e2e/inviting";

test("signing in leads back to the page that was asked for; signing out closes it", async ({
  stranger: page,
}) => {
  await page.goto(at("/jobs"));
  await expect(page).toHaveURL(/\/sign-in/);
  await expectAccessible(page, "the sign-in page");
  await page.getByLabel("Mail address").fill(OWNER.email);
  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  // Loaded, not only arrived at: a click before the page's scripts run would open nothing.
  await page.waitForURL(at("/jobs"));

  await page.getByRole("button", { name: `${OWNER.name}: account, theme and sign out` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto(at("/jobs"));
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a wrong password says nothing about whether the address is known", async ({ stranger: page }) => {
  const answers: string[] = [];
  for (const email of [OWNER.email, "nobody-here@example.com"]) {
    await page.goto("/sign-in");
    await page.getByLabel("Mail address").fill(email);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    const alert = page.getByRole("alert").filter({ hasText: /\S/ });
    await expect(alert).toBeVisible();
    answers.push(await alert.innerText());
  }
  expect(answers[0]).toBe(answers[1]);
});

test("there is no way to sign up without an invite", async ({ stranger: page, complaints }) => {
  complaints.expect(/status of 40[0-9]/);
  const answer = await page.request.post("/api/auth/sign-up/email", {
    data: { name: "Eve", email: "eve@example.com", password: "a long enough password" },
    headers: { origin: process.env.E2E_URL! },
  });
  expect(answer.status()).toBeGreaterThanOrEqual(400);
  await page.goto("/invite/not-a-token-that-exists");
  await expect(page.getByLabel("Your name")).toHaveCount(0);
});

test("a changed password keeps this browser signed in and no other", async ({
  page,
  stranger,
  complaints,
}) => {
  // The second sign-in is refused.
  complaints.expect(/status of 40[0-9]/);
  const first = "canary-invited-password-5a";
  const second = "canary-changed-password-7c";
  await joinAs(stranger, await inviteLink(page, "viewer"), {
    name: "Pat Password",
    email: "pat@example.com",
  });
  await stranger.goto(at("/settings/account"));
  await stranger.getByLabel("Present password").fill(first);
  await stranger.getByLabel("New password").fill(second);
  await stranger.getByRole("button", { name: "Change the password" }).click();
  await expect(stranger.getByText("Your password is changed")).toBeVisible();
  await stranger.goto(at("/settings/account"));
  await expect(stranger.getByText("(this browser)")).toBeVisible();

  await stranger.context().clearCookies();
  await stranger.goto("/sign-in");
  await stranger.getByLabel("Mail address").fill("pat@example.com");
  for (const [password, leads] of [
    [first, /sign-in/],
    [second, /night-shift/],
  ] as const) {
    await stranger.getByLabel("Password").fill(password);
    await stranger.getByRole("button", { name: "Sign in" }).click();
    if (password === first)
      await expect(stranger.getByText("The mail address or the password is wrong.")).toBeVisible();
    await expect(stranger).toHaveURL(leads);
  }
});
