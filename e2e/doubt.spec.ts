import { expect } from "@playwright/test";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { sendJob } from "@/e2e/composing";
import { connect } from "@/e2e/connecting";
import { expectAccessible, test } from "@/e2e/fixtures";

const SILENT = { ...WEBHOOKS_ON, enabled: false };

test("a request whose answer was lost is unconfirmed, is not sent again by itself, and can be sent by choice", async ({
  page,
  provider,
}) => {
  const upstream = await provider({
    webhooks: SILENT,
    faults: [{ operation: "run", index: 0, fault: { kind: "reset", when: "after-body" } }],
  });
  await connect(page, upstream, "Loses the first answer");
  await sendJob(page, "Loses the first answer", { question: "did it arrive?" });
  await expect(page.getByText("It is not known whether this was sent")).toBeVisible();
  await expectAccessible(page, "an unconfirmed job");
  await page.waitForTimeout(5000);
  expect(upstream.counters().operations.run.requests, "nobody asked for a second try").toBe(1);

  await page.getByRole("button", { name: /^Send again anyway/ }).click();
  await expect(page.getByRole("alertdialog")).toContainText("you may pay for it twice");
  await page.getByRole("alertdialog").getByRole("button", { name: "Send again", exact: true }).click();
  await expect(page.getByRole("main")).toContainText("Completed", { timeout: 20_000 });
  expect(upstream.counters().accepted).toBe(2);
});

test("an unconfirmed request can be closed as not sent", async ({ page, provider }) => {
  const upstream = await provider({
    webhooks: SILENT,
    faults: [{ operation: "run", fault: { kind: "html", status: 502 } }],
  });
  await connect(page, upstream, "Behind a broken proxy");
  await sendJob(page, "Behind a broken proxy", { question: "who answered?" });
  await page.getByRole("button", { name: /^Mark as not sent/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Mark as not sent", exact: true }).click();
  await expect(
    page.getByText("The endpoint refused the request").or(page.getByText("Rejected")).first(),
  ).toBeVisible();
});

test("a webhook that comes later heals an unconfirmed job", async ({ page, provider }) => {
  const upstream = await provider({
    runMedianMs: 4000,
    faults: [{ operation: "run", index: 0, fault: { kind: "reset", when: "after-body" } }],
  });
  await connect(page, upstream, "Calls back later");
  await sendJob(page, "Calls back later", { question: "will it heal?" });
  await expect(page.getByText("It is not known whether this was sent")).toBeVisible();
  await expect(page.getByRole("main")).toContainText("Completed", { timeout: 30_000 });
  expect(upstream.counters().accepted).toBe(1);
});

test("a refusal is shown in the provider's own words", async ({ page, provider }) => {
  const upstream = await provider({
    faults: [
      {
        operation: "run",
        fault: { kind: "status", status: 400, body: '{"error":"input.prompt must be a poem"}' },
      },
    ],
  });
  await connect(page, upstream, "Picky");
  await sendJob(page, "Picky", { prompt: "prose" });
  await expect(page.getByText("The endpoint refused the request")).toBeVisible();
  await expect(page.getByRole("main")).toContainText("input.prompt must be a poem");
  await expectAccessible(page, "a rejected job");
});
