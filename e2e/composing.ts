import { expect, type Locator, type Page } from "@playwright/test";
import { at } from "@/e2e/fixtures";

/** The composer without the draft that a test before may have left there. */
export async function openEmpty(page: Page): Promise<void> {
  await page.goto(at("/compose"));
  const startOver = page.getByRole("button", { name: "Start over" });
  // The server draws the notice with the page: it is there now or never.
  if ((await startOver.count()) === 0) return;
  await startOver.click();
  await expect(startOver).toHaveCount(0);
}

/** The composer, as a person with a mouse uses it. */
export async function openComposer(page: Page, endpoint: string): Promise<void> {
  await openEmpty(page);
  await page.getByRole("combobox", { name: "Endpoint" }).click();
  await page.getByRole("option", { name: new RegExp(`^${endpoint}`) }).click();
}

export async function writeInput(page: Page, input: unknown): Promise<void> {
  // Not by fill(): it selects in the document, of which the editor hears later, and the text may land beside the old one.
  await page.getByRole("textbox", { name: "Input, as JSON" }).press("ControlOrMeta+a");
  await page.keyboard.insertText(typeof input === "string" ? input : JSON.stringify(input));
}

export const sentJob = (page: Page): Locator => page.getByRole("region", { name: "The job that was sent" });

/** Send and go to the page of the job that came of it. @returns its id */
export async function sendAndOpen(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await sentJob(page)
    .getByRole("link", { name: /Open job/ })
    .click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
  return page.url().split("/").at(-1)!;
}

/** Compose, send and open in one go. @returns the job's id */
export async function sendJob(page: Page, endpoint: string, input: unknown): Promise<string> {
  await openComposer(page, endpoint);
  await writeInput(page, input);
  return sendAndOpen(page);
}
