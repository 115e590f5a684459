import { expect, type Page } from "@playwright/test";
import { withDatabase } from "@/e2e/database";
import { at, SLUG, test } from "@/e2e/fixtures";
import { inviteLink, joinAs } from "@/e2e/inviting";
import { everyPage, knownRows } from "@/e2e/known";

/** What a page of ours would show: enough to notice that it was shown. */
const OURS = /Night Shift|sample-image|sample-text/;

async function expectNothingOfOurs(page: Page, path: string, who: string): Promise<void> {
  const answer = await page.goto(path);
  const shown = `${await page.content()}\n${await answer?.text().catch(() => "")}`;
  expect(shown, `${path} showed something of ours to ${who}`).not.toMatch(OURS);
  // The same page as the router asks for it: data without a frame.
  const data = await page.request.get(path, { headers: { RSC: "1" }, maxRedirects: 0 });
  expect(await data.text(), `the data of ${path} went to ${who}`).not.toMatch(OURS);
}

test("no page of a workspace shows anything to nobody", async ({ page, stranger, complaints }) => {
  complaints.expect(/status of 40[0-9]/);
  const pages = everyPage(await knownRows(page.request)).filter(({ inWorkspace }) => inWorkspace);
  expect(pages.length).toBeGreaterThan(4);
  for (const { path } of pages) {
    await expectNothingOfOurs(stranger, path, "nobody");
    await expect(stranger, path).toHaveURL(/\/sign-in/);
  }
});

test("no page shows anything to the owner of another workspace, or to a member who was removed", async ({
  page,
  stranger,
  complaints,
}) => {
  test.setTimeout(120_000);
  complaints.expect(/status of 40[0-9]/);
  await joinAs(stranger, await inviteLink(page, "admin"), {
    name: "Eve Elsewhere",
    email: "eve@elsewhere.example",
  });
  await stranger.goto(at("/jobs"));
  await expect(stranger.getByRole("heading", { level: 1 })).toBeVisible();
  // From one request to the next she owns another workspace and has nothing to do here any more.
  await withDatabase(async (client) => {
    await client.query(
      "insert into workspace (id, slug, name) values (gen_random_uuid(), 'elsewhere', 'Elsewhere')",
    );
    await client.query(
      `update member set role = 'owner', workspace_id = (select id from workspace where slug = 'elsewhere')
       where user_id = (select id from "user" where email = 'eve@elsewhere.example')`,
    );
  });
  const known = await knownRows(page.request);
  for (const { path, inWorkspace } of everyPage(known)) {
    if (!inWorkspace) continue;
    await expectNothingOfOurs(stranger, path, "another workspace's owner");
    // Our ids under her own workspace's name.
    await expectNothingOfOurs(stranger, path.replace(`/${SLUG}`, "/elsewhere"), "another workspace's owner");
  }
  for (const path of [`jobs/${known.job}`, `jobs/${known.job}/output`, `endpoints/${known.endpoint}/health`])
    for (const slug of [SLUG, "elsewhere"])
      expect((await stranger.request.get(`/api/w/${slug}/${path}`)).status(), `${slug} ${path}`).toBe(404);
});

test("a lowered role is refused at the next request", async ({ page, stranger, complaints }) => {
  complaints.expect(/status of 40[0-9]/);
  await joinAs(stranger, await inviteLink(page, "submitter"), {
    name: "Sam Sender",
    email: "sam@example.com",
  });
  await stranger.goto(at("/compose"));
  await expect(stranger.getByRole("button", { name: "Send", exact: true })).toBeVisible();
  await withDatabase((client) =>
    client.query(
      `update member set role = 'viewer' where user_id = (select id from "user" where email = 'sam@example.com')`,
    ),
  );
  const { endpoint } = await knownRows(page.request);
  const answer = await stranger.request.post(`/api/w/${SLUG}/jobs`, {
    headers: { origin: process.env.E2E_URL! },
    data: { clientKey: crypto.randomUUID(), endpointId: endpoint, request: { inputText: "{}" } },
  });
  expect(answer.status()).toBe(403);
});

test("no write is taken from another site, on any page or path", async ({ page }) => {
  const known = await knownRows(page.request);
  const paths = [
    ...everyPage(known).map(({ path }) => path),
    `/api/w/${SLUG}/jobs`,
    "/api/auth/sign-in/email",
    "/api/auth/sign-out",
  ];
  const origins = {
    "another site": "https://evil.example",
    "a sandboxed frame": "null",
    "an unnamed one": undefined,
  };
  for (const path of paths)
    for (const [who, origin] of Object.entries(origins))
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json"]) {
        const answer = await page.request.post(path, {
          headers: { "content-type": type, "next-action": "0".repeat(42), ...(origin && { origin }) },
          data: "[]",
          maxRedirects: 0,
        });
        expect(answer.status(), `POST ${path} from ${who} as ${type}`).toBe(403);
      }
});

test("every page is private, framed by nobody, and runs only its own scripts", async ({ page }) => {
  for (const { path } of everyPage(await knownRows(page.request))) {
    const headers = (await page.request.get(path)).headers();
    expect(headers["cache-control"], path).toContain("no-store");
    const policy = headers["content-security-policy"] ?? "";
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).toMatch(/script-src 'nonce-[^']+' 'strict-dynamic'/);
    expect(policy, path).not.toContain("unsafe-eval");
  }
});
