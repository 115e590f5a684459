import { expect, type Page } from "@playwright/test";
import type { Upstream } from "@/bench/upstream/start";
import { at, UPSTREAM_KEY } from "@/e2e/fixtures";

/** The dialog "Connect an endpoint", filled in for a custom address. */
export async function fillCustomEndpoint(
  page: Page,
  values: { name: string; baseUrl: string; endpointId?: string; key?: string },
): Promise<void> {
  await page.goto(at("/endpoints?add=true"));
  const dialog = page.getByRole("dialog", { name: "Connect an endpoint" });
  await dialog.getByRole("combobox", { name: "Kind" }).click();
  await page.getByRole("option", { name: /^Custom address/ }).click();
  await dialog.getByLabel("Name").fill(values.name);
  await dialog.getByLabel("Base URL").fill(values.baseUrl);
  await dialog.getByLabel("Endpoint id").fill(values.endpointId ?? "ep1");
  await dialog.getByLabel("API key").fill(values.key ?? UPSTREAM_KEY);
}

/** Connect a scripted provider as a person does. @returns the endpoint's id */
export async function connect(page: Page, upstream: Upstream, name: string): Promise<string> {
  await fillCustomEndpoint(page, { name, baseUrl: upstream.url });
  await page.getByRole("button", { name: "Connect endpoint" }).click();
  await expect(page).toHaveURL(/\/endpoints\/[0-9a-f-]{36}$/);
  return page.url().split("/").at(-1)!;
}
