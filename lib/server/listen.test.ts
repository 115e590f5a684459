import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { finish, listen } from "@/lib/server/listen";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

function server(
  respond: Parameters<typeof createServer>[1] = (_request, response) => response.end("ok"),
): Server {
  const made = createServer(respond as NonNullable<typeof respond>);
  servers.push(made);
  return made;
}
const portOf = (of: Server): number => (of.address() as AddressInfo).port;
const HOST = "127.0.0.1";

it("says in words that another program has the port", async () => {
  const first = server();
  await listen(first, { host: HOST, port: 0 });
  await expect(listen(server(), { host: HOST, port: portOf(first) })).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining("set PORT to another one"),
  });
});

it("says in words that the address is not of this machine", async () => {
  await expect(listen(server(), { host: "203.0.113.9", port: 0 })).rejects.toMatchObject({ code: "invalid" });
});

it("waits for a port that is being given up", async () => {
  const first = server();
  await listen(first, { host: HOST, port: 0 });
  const port = portOf(first);
  setTimeout(() => first.close(), 250);
  const second = server();
  await listen(second, { host: HOST, port });
  expect(portOf(second)).toBe(port);
});

it("answers the requests that are open before it ends, kept connections or not", async () => {
  const slow = server((_request, response) => setTimeout(() => response.end("done"), 200));
  await listen(slow, { host: HOST, port: 0 });
  const url = `http://${HOST}:${portOf(slow)}`;
  const open = fetch(url).then((response) => response.text()); // fetch keeps its connections alive
  await new Promise((resolve) => slow.once("request", resolve));
  const startedAt = performance.now();
  await finish(slow);
  expect(await open).toBe("done");
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  await expect(fetch(url)).rejects.toThrow();
});
