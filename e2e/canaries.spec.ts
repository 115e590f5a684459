import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, type Page, type Response } from "@playwright/test";
import type { Upstream } from "@/bench/upstream/start";
import { openComposer, sendAndOpen, writeInput } from "@/e2e/composing";
import { connect } from "@/e2e/connecting";
import { dumpDatabase } from "@/e2e/database";
import { OWNER, SLUG, test, UPSTREAM_KEY } from "@/e2e/fixtures";
import { inviteLink } from "@/e2e/inviting";
import { everyPage, knownRows } from "@/e2e/known";

/** Planted by the tests before, by this one, or made by the product. */
type Canaries = Record<string, string>;

/** The access id is a name, not a secret: a request that is edited from an earlier one shows it again. */
const S3 = { accessId: "canary-s3-id-e1f2", accessSecret: "canary-s3-secret-ab12cd34" };

/** The ways in which a secret could have been written down without being sealed. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString("hex"),
    // Inside a longer base64 text the first and last characters depend on the neighbours.
    bytes.toString("base64").slice(0, -4),
    bytes.toString("base64url").slice(0, -4),
  ];
}

/** Which secrets a text holds, by name: the secret itself must not land in a report either. */
function leaks(text: string, canaries: Canaries): string[] {
  return Object.entries(canaries)
    .filter(([, secret]) => spellings(secret).some((spelling) => text.includes(spelling)))
    .map(([name]) => name);
}

/** @returns a job made with every kind of secret, and the token that its webhook was given */
async function plant(page: Page, upstream: Upstream): Promise<{ job: string; token: string }> {
  await connect(page, upstream, "Full of canaries");
  await openComposer(page, "Full of canaries");
  await writeInput(page, { prompt: "nothing secret here" });
  await page.getByText("Advanced", { exact: true }).click();
  await page.getByRole("switch", { name: /S3 storage/ }).click();
  await page.getByLabel("Endpoint URL").fill("https://s3.example.com");
  await page.getByLabel("Bucket").fill("results");
  await page.getByLabel("Access key id").fill(S3.accessId);
  await page.getByLabel("Secret access key").fill(S3.accessSecret);
  const job = await sendAndOpen(page);
  await expect(page.getByRole("main")).toContainText("Completed", { timeout: 20_000 });
  const token = /\/hooks\/([\w-]{43})/.exec(upstream.jobs().at(-1)?.webhook ?? "")?.[1];
  if (!token) throw new Error("the provider was given no webhook token to look for");
  return { job, token };
}

test("no planted secret appears in a page, an answer, a log or the database", async ({
  page,
  context,
  provider,
  complaints,
}) => {
  test.setTimeout(180_000);
  complaints.expect(/status of 404/);
  const { job, token } = await plant(page, await provider());
  const invite = (await inviteLink(page, "viewer", "canary")).split("/").at(-1)!;
  const session = (await context.cookies()).find((cookie) => cookie.name.endsWith("session_token"));
  const canaries: Canaries = {
    "an endpoint's API key": UPSTREAM_KEY,
    "the S3 secret": S3.accessSecret,
    "the owner's password": OWNER.password,
    "an invited person's password": "canary-invited-password-5a",
    "a changed password": "canary-changed-password-7c",
    "the session cookie": decodeURIComponent(session!.value),
    "a job's webhook token": token,
    "an invite token": invite,
    "the setup token": new URL(process.env.E2E_SETUP_URL!).searchParams.get("token")!,
  };
  const found: string[] = [];
  const note = (where: string, text: string) =>
    found.push(...leaks(text, canaries).map((name) => `${name} in ${where}`));

  await test.step("pages and every answer that they cause", async () => {
    const answers: Promise<void>[] = [];
    const listen = (response: Response) => {
      answers.push(
        response.text().then(
          (text) => void note(`the answer of ${response.url()}`, text),
          () => undefined, // a redirect has no body
        ),
      );
    };
    page.on("response", listen);
    const known = { ...(await knownRows(page.request)), job };
    const pages = everyPage(known);
    expect(pages.length).toBeGreaterThan(8);
    for (const { path: where } of pages) {
      await page.goto(where);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      for (const tab of await page.getByRole("tab").all()) await tab.click();
      note(`the page ${where}`, await page.content());
      const data = await page.request.get(where, { headers: { RSC: "1" } });
      note(`the data of ${where}`, await data.text());
    }
    await page.goto(`/${SLUG}/compose?from=${job}`);
    await expect(page.getByRole("textbox", { name: "Input, as JSON" })).toBeVisible();
    note("the composer, filled from the job", await page.content());
    for (const what of [
      "jobs",
      `jobs/${job}`,
      `jobs/${job}/output`,
      `jobs/${job}/stream`,
      "jobs/changes?since=0",
      "endpoints",
    ])
      note(`the API's ${what}`, await (await page.request.get(`/api/w/${SLUG}/${what}`)).text());
    await Promise.all(answers);
    expect(answers.length).toBeGreaterThan(50);
  });

  await test.step("the logs", async () => {
    const files = logFiles();
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      // The setup link is printed on purpose: it is how the first person comes in.
      const text = readFileSync(file, "utf8").replace(/^First run: .*$/m, "");
      expect(statSync(file).size, file).toBeGreaterThan(0);
      note(path.basename(file), text);
    }
  });

  await test.step("the database", async () => {
    const dump = await dumpDatabase();
    expect(dump.length).toBeGreaterThan(15);
    expect(dump.find(({ table }) => table === "public.job")!.rows.length).toBeGreaterThan(3);
    for (const { table, rows } of dump) note(`table ${table}`, rows.join("\n"));
  });
  expect([...new Set(found)]).toEqual([]);
});

/** What the product wrote to its terminal, and the files that it keeps. */
function logFiles(): string[] {
  const folder = path.join(process.env.E2E_DATA_DIR!, "logs");
  return [process.env.E2E_LOG!, ...readdirSync(folder).map((name) => path.join(folder, name))];
}

test("the crawl would notice a secret", () => {
  const canaries = { key: "canary-secret-value-1234" };
  expect(leaks("x canary-secret-value-1234 y", canaries)).toEqual(["key"]);
  expect(leaks(Buffer.from("canary-secret-value-1234").toString("base64"), canaries)).toEqual(["key"]);
  expect(leaks(Buffer.from("canary-secret-value-1234").toString("hex"), canaries)).toEqual(["key"]);
  expect(leaks("canary-secret", canaries)).toEqual([]);
});
