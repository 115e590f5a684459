import { expect } from "@playwright/test";
import { openEmpty } from "@/e2e/composing";
import { at, SLUG, test } from "@/e2e/fixtures";

test("from the overview to a result without a mouse", async ({ page }) => {
  await openEmpty(page);
  await page.goto(at(""));
  await expect(page.getByRole("main")).toBeVisible();
  await page.keyboard.press("c");
  await page.waitForURL(new RegExp(`/${SLUG}/compose`));

  // Endpoint: reach the list by Tab alone, open it, choose by typing.
  const endpoint = page.getByRole("combobox", { name: "Endpoint" });
  await expect(endpoint).toBeVisible();
  for (let i = 0; i < 40 && !(await endpoint.evaluate((el) => el === document.activeElement)); i++)
    await page.keyboard.press("Tab");
  await expect(endpoint).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("option").first()).toBeVisible();
  await page.keyboard.type("sample-text");
  await page.keyboard.press("Enter");
  await expect(endpoint).toContainText("sample-text");
  // The list gives the focus back when it has closed.
  await expect(endpoint).toBeFocused();

  const editor = page.getByRole("textbox", { name: "Input, as JSON" });
  // It loads apart from the page: Tab can only stop at what is there.
  await expect(editor).toBeVisible();
  for (let i = 0; i < 10 && !(await editor.evaluate((el) => el === document.activeElement)); i++)
    await page.keyboard.press("Tab");
  await expect(editor).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText('{"prompt": "By keyboard alone", "max_tokens": 12}');
  await page.keyboard.press("ControlOrMeta+Enter");

  const sent = page.getByRole("region", { name: "The job that was sent" });
  await expect(sent).toContainText("Completed", { timeout: 45_000 });
  const open = sent.getByRole("link", { name: /Open job/ });
  // Esc, then Tab leaves the editor.
  await page.keyboard.press("Escape");
  for (let i = 0; i < 60 && !(await open.evaluate((el) => el === document.activeElement)); i++)
    await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Job");
});

test("the sheet behind ? lists the keys that work here", async ({ page }) => {
  await page.goto(at("/jobs"));
  await expect(page.getByRole("main")).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("Compose a request");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await page.waitForURL(new RegExp(`/${SLUG}/endpoints`));
});
