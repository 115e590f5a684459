import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTcpProxy, type TcpProxy } from "@/faults/tcp-proxy";

let server: Server;
let proxy: TcpProxy;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  // Answers each piece with itself.
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy = await startTcpProxy({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

type Talk = { socket: Socket; heard: () => string; fate: Promise<string> };

async function talk(): Promise<Talk> {
  const socket = connect(proxy.port, "127.0.0.1");
  sockets.push(socket);
  let text = "";
  socket.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  const fate = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("end", () => resolve("ended"));
  });
  await Promise.race([once(socket, "connect"), fate]);
  return { socket, heard: () => text, fate };
}

const hears = (one: Talk, words: string) => expect.poll(one.heard, { timeout: 10_000 }).toBe(words);
/** Node sends what was written before a reset, and may end the stream in front of it. */
const BROKEN = /ECONNRESET|EPIPE|ended/;
const silence = () => new Promise((resolve) => setTimeout(resolve, 200));

it("passes bytes in both directions, and the end of each", async () => {
  const one = await talk();
  one.socket.end("hello");
  await hears(one, "hello");
  expect(await one.fate).toBe("ended");
});

it("resets what is open and what is made, and lets pass again afterwards", async () => {
  const open = await talk();
  open.socket.write("a");
  await hears(open, "a");
  proxy.set({ kind: "reset" });
  expect(await open.fate).toMatch(BROKEN);
  const made = await talk();
  made.socket.write("b");
  expect(await made.fate).toMatch(BROKEN);
  proxy.set({ kind: "clear" });
  const later = await talk();
  later.socket.write("c");
  await hears(later, "c");
  expect(proxy.counts()).toMatchObject({ connections: 3, spoiled: { reset: 2 } });
});

it("half-open: takes everything, answers nothing, and hands it over when the weather clears", async () => {
  proxy.set({ kind: "half-open" });
  const one = await talk();
  one.socket.write("hello");
  await silence();
  expect(one.heard()).toBe("");
  expect(proxy.counts().spoiled["half-open"]).toBe(1);
  proxy.set({ kind: "clear" });
  await hears(one, "hello");
});

it("latency: holds each piece up, there and back", async () => {
  proxy.set({ kind: "latency", ms: 100 });
  const one = await talk();
  const from = performance.now();
  one.socket.write("hello");
  await hears(one, "hello");
  expect(performance.now() - from).toBeGreaterThanOrEqual(190);
});

it("drip: gives the answer bit by bit", async () => {
  proxy.set({ kind: "drip", bytes: 2, everyMs: 50 });
  const one = await talk();
  const from = performance.now();
  one.socket.write("0123456789");
  await hears(one, "0123456789");
  expect(performance.now() - from).toBeGreaterThanOrEqual(240);
  expect(proxy.counts().spoiled.drip).toBe(1);
});

it("cut: gives that many bytes of the answer and resets", async () => {
  proxy.set({ kind: "cut", afterBytes: 4 });
  const one = await talk();
  one.socket.write("0123456789");
  expect(await one.fate).toMatch(BROKEN);
  expect(one.heard().length).toBeLessThanOrEqual(4);
  expect(proxy.counts().spoiled.cut).toBe(1);
});
