import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "@playwright/test";
import { openComposer, sendAndOpen, sentJob, writeInput } from "@/e2e/composing";
import { at, SLUG, test } from "@/e2e/fixtures";

test("the first job: from the overview to a picture that is really there", async ({ page }) => {
  await page.goto(at(""));
  await page
    .getByRole("link", { name: /Send your first job|Compose/ })
    .first()
    .click();
  await page.waitForURL(new RegExp(`/${SLUG}/compose`));
  await openComposer(page, "sample-image");
  await writeInput(page, {
    fractal: "mandelbrot",
    center: [-0.5, 0],
    zoom: 1,
    iterations: 200,
    width: 320,
    height: 200,
  });
  await sendAndOpen(page);
  const picture = page.getByRole("img", { name: /^Result:/ });
  await expect(picture).toBeVisible({ timeout: 45_000 });
  // The picture was decoded, has the size that was asked for, and is not one flat colour.
  await expect
    .poll(() => picture.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]))
    .toEqual([320, 200]);
  const colours = await picture.evaluate((img: HTMLImageElement) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 40 });
    const brush = canvas.getContext("2d")!;
    brush.drawImage(img, 0, 0, 64, 40);
    const { data } = brush.getImageData(0, 0, 64, 40);
    const seen = new Set<number>();
    for (let i = 0; i < data.length; i += 4) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
    return seen.size;
  });
  expect(colours).toBeGreaterThan(20);
  await expect(page.getByText("Completed").first()).toBeVisible();
});

test("the text sample goes on where the prompt stops", async ({ page }) => {
  await openComposer(page, "sample-text");
  await writeInput(page, { prompt: "The lazy brown fox jumps over the", max_tokens: 40, seed: 7 });
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(sentJob(page)).toContainText("Completed", { timeout: 45_000 });
  await sentJob(page)
    .getByRole("link", { name: /Open job/ })
    .click();
  const words = (await page.getByRole("main").innerText()).split(/\s+/);
  expect(words.length).toBeGreaterThan(30);
});

test("what will be sent is shown exactly, with the secrets covered", async ({ page }) => {
  await openComposer(page, "sample-image");
  await writeInput(page, { zoom: 3, width: 64 });
  await page.getByText("Advanced", { exact: true }).click();
  await page.getByRole("switch", { name: /S3 storage/ }).click();
  await page.getByLabel("Endpoint URL").fill("https://s3.example.com");
  await page.getByLabel("Bucket").fill("results");
  await page.getByLabel("Access key id").fill("canary-s3-id-77ab");
  await page.getByLabel("Secret access key").fill("canary-s3-secret-0d41c8");
  const preview = page.getByRole("region", { name: "What will be sent" });
  await expect(preview).toContainText('"bucketName"');
  await expect(preview).toContainText('"zoom"');
  await expect(preview).not.toContainText("canary");
});

test("what the provider would drop or refuse is said before sending", async ({ page }) => {
  await openComposer(page, "sample-text");
  await writeInput(page, '{"prompt": "unfinished');
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Input, as JSON" })).toHaveAttribute("aria-invalid", "true");
  await expect(sentJob(page)).toHaveCount(0);

  await writeInput(page, {});
  await expect(page.getByRole("status").filter({ hasText: /empty/i }).first()).toBeVisible();

  await writeInput(page, { prompt: "fine" });
  await page.getByText("Webhook, timeouts and priority").click();
  await page.getByLabel("Execution timeout").fill("4 seconds");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByText(/at least 5 seconds/)).toBeVisible();
});

test("a draft survives closing the tab", async ({ page, context }) => {
  await openComposer(page, "sample-text");
  await writeInput(page, { prompt: "kept while I was away" });
  await expect(page.getByText("Draft saved")).toBeVisible();
  await page.close();
  const later = await context.newPage();
  await later.goto(at("/compose"));
  await expect(later.getByRole("textbox", { name: "Input, as JSON" })).toContainText("kept while I was away");
  await expect(later.getByRole("combobox", { name: "Endpoint" })).toContainText("sample-text");
  await later.getByRole("button", { name: "Start over" }).click();
  await expect(later.getByRole("textbox", { name: "Input, as JSON" })).not.toContainText("kept while");
});

test("the request is there as a program to copy, without the key", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openComposer(page, "sample-text");
  await writeInput(page, { prompt: "it's a program" });
  const preview = page.getByRole("region", { name: "What will be sent" });
  await preview.getByRole("tab", { name: "JavaScript" }).click();
  await expect(preview).toContainText("it's a program");
  await preview.getByRole("button", { name: "Copy JavaScript program" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain("process.env.RUNPOD_API_KEY");
  expect(copied).toContain("/local/v2/sample-text/run");
  expect(copied).toContain("it's a program");
});

test("a pasted curl command fills the composer, and its key goes nowhere", async ({ page }) => {
  const KEY = "rpa_canary-pasted-key-5c1e88";
  const sent: string[] = [];
  page.on("request", (request) => {
    const where = request.url() + JSON.stringify(request.headers());
    sent.push(where + (request.postDataBuffer()?.toString("latin1") ?? ""));
  });
  await openComposer(page, "sample-image");
  const editor = page.getByRole("textbox", { name: "Input, as JSON" });
  await editor.evaluate((element, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    element.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, `curl https://api.runpod.ai/v2/sample-text/run -H "Authorization: Bearer ${KEY}" -d '{"input":{"prompt":"from curl","max_tokens":5}}'`);
  await expect(page.getByRole("dialog")).toContainText("API key");
  await page.getByRole("button", { name: "Fill the composer" }).click();
  await expect(editor).toContainText("from curl");
  await expect(page.getByRole("combobox", { name: "Endpoint" })).toContainText("sample-text");
  // Its draft is saved, and it is sent: both carry the input, neither the key.
  await expect(page.getByText("Draft saved")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(sentJob(page)).toBeVisible();
  expect(sent.filter((text) => text.includes("from curl")).length).toBeGreaterThan(1);
  expect(sent.filter((text) => text.includes(KEY))).toEqual([]);
});

test("a webhook can be tried before a job depends on it", async ({ page }) => {
  const heard: string[] = [];
  const receiver = createServer((request, response) => {
    request.on("data", (chunk) => heard.push(String(chunk)));
    request.on("end", () => response.writeHead(heard.length > 0 ? 200 : 400).end());
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const { port } = receiver.address() as AddressInfo;
  await openComposer(page, "sample-text");
  await page.getByText("Webhook, timeouts and priority").click();
  await page.getByLabel("Webhook", { exact: true }).fill(`http://127.0.0.1:${port}/hook`);
  await page.getByRole("button", { name: "Send a test delivery" }).click();
  await expect(page.getByRole("status").filter({ hasText: "arrived" })).toContainText("HTTP 200");
  expect(JSON.parse(heard.join(""))).toMatchObject({ id: "test-delivery", status: "COMPLETED" });
  receiver.closeAllConnections();
  receiver.close();
});
