import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { testDelivery } from "@/lib/webhooks/service";

const ctx = {} as Context;
beforeAll(() => {
  Object.assign(process.env, { JOBDECK_ALLOW_PRIVATE_ADDRESSES: "127.0.0.0/8", JOBDECK_LOG_LEVEL: "silent" });
});

/** One call to a receiver that answers with a status. */
async function deliverTo(status: number, headers: Record<string, string> = {}) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.on("data", (chunk) => bodies.push(String(chunk)));
    request.on("end", () => response.writeHead(status, headers).end("<html>whatever</html>"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=t`;
  const report = await testDelivery(ctx, { webhook });
  server.closeAllConnections();
  server.close();
  return { report, body: JSON.parse(bodies.join("")), webhook };
}

it("delivers a body of a finished job's shape, once, and says how long it took", async () => {
  const { report, body, webhook } = await deliverTo(200);
  expect(report).toMatchObject({ status: 200, isDelivered: true, message: expect.stringMatching(/took it/) });
  expect(report.ms).toBeGreaterThanOrEqual(0);
  expect(body).toMatchObject({
    id: "test-delivery",
    status: "COMPLETED",
    webhook,
    output: expect.anything(),
  });
});

it.each<[status: number, says: RegExp]>([
  [301, /redirects are not followed/],
  [401, /refused/],
  [404, /nothing at this path/],
  [405, /no POST/],
  [500, /failed/],
  [418, /did not take/],
])("says what a %s means", async (status, says) => {
  const { report } = await deliverTo(status, status === 301 ? { location: "http://127.0.0.1:9/" } : {});
  expect(report).toMatchObject({ status, isDelivered: false, message: expect.stringMatching(says) });
});

it.each<[name: string, webhook: string, says: RegExp]>([
  ["nobody listens", "http://127.0.0.1:9/hook", /Nothing listens/],
  ["a private address", "https://10.0.0.1/hook", /private network/],
  ["the cloud's metadata over http", "http://169.254.169.254/latest", /not allowed/],
])("says why there is no answer: %s", async (_name, webhook, says) => {
  expect(await testDelivery(ctx, { webhook })).toMatchObject({
    status: null,
    isDelivered: false,
    message: expect.stringMatching(says),
  });
});

it("asks for an address when there is none", async () => {
  await expect(testDelivery(ctx, { webhook: undefined })).rejects.toMatchObject({ code: "invalid" });
});
