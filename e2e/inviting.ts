import type { Page } from "@playwright/test";
import { at } from "@/e2e/fixtures";
import type { Role } from "@/lib/auth/permissions";

/** As an admin: make an invite link on the members page. */
export async function inviteLink(page: Page, role: Role, note = ""): Promise<string> {
  await page.goto(at("/settings/members"));
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByRole("combobox", { name: "Role" }).click();
  await page.getByRole("option", { name: new RegExp(`^${role}`) }).click();
  await dialog.getByLabel("For whom").fill(note);
  await dialog.getByRole("button", { name: "Make the link" }).click();
  return dialog.getByLabel("Invite link").inputValue();
}

/** As somebody without an account: join through the link. */
export async function joinAs(
  page: Page,
  link: string,
  person: { name: string; email: string },
): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("Mail address").fill(person.email);
  await page.getByLabel("Password").fill("canary-invited-password-5a");
  await page.getByRole("button", { name: "Make my account and join" }).click();
  await page.waitForURL(at(""));
}
