import type { LookupAddress } from "node:dns";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RefusedAddressError } from "@/lib/upstream/address-guard";
import { createEndpointClient } from "@/lib/upstream/client";
import { type ScriptedServer, says, scriptedServer } from "@/lib/upstream/testing";
import { guardedDispatcher, guardedLookup } from "@/lib/upstream/transport";

let server: ScriptedServer;
const agents: Agent[] = [];

beforeAll(async () => {
  process.env.JOBDECK_ALLOW_PRIVATE_ADDRESSES = "127.0.0.0/8";
  server = await scriptedServer(says(200, { id: "job-1" }));
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.destroy()));
  await server.close();
});

const found = (...addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

/** A resolver that answers with the given lists, one per look-up, the last one for ever. */
const resolving =
  (...answers: LookupAddress[][]) =>
  (
    _name: string,
    _options: object,
    callback: (error: NodeJS.ErrnoException | null, list: LookupAddress[]) => void,
  ) =>
    callback(null, answers.length > 1 ? answers.shift()! : answers[0]!);

const look = (allowed: string[], isPlainHttp: boolean, addresses: LookupAddress[]) =>
  new Promise<unknown>((resolve) =>
    guardedLookup(allowed, isPlainHttp, resolving(addresses))("name.example", { all: true }, (error, list) =>
      resolve(error ?? list),
    ),
  );

describe("a name that a person gave", () => {
  it.each<[name: string, addresses: string[]]>([
    ["a public address", ["93.184.216.34"]],
    ["several public addresses", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]],
  ])("may lead to %s", async (_name, addresses) =>
    expect(await look([], false, found(...addresses))).toEqual(found(...addresses)),
  );

  it.each<[name: string, isPlainHttp: boolean, allowed: string[], addresses: string[]]>([
    ["a private address", false, [], ["10.0.0.1"]],
    ["loopback", false, [], ["::1"]],
    ["a public and a private address", false, [], ["93.184.216.34", "192.168.0.1"]],
    ["a private address outside of the named range", false, ["10.0.0.0/8"], ["192.168.0.1"]],
    ["a public address over plain http", true, ["10.0.0.0/8"], ["93.184.216.34"]],
    ["no address", false, [], []],
  ])("is refused when it leads to %s", async (_name, isPlainHttp, allowed, addresses) =>
    expect(await look(allowed, isPlainHttp, found(...addresses))).toBeInstanceOf(RefusedAddressError),
  );

  it("passes the resolver's own failure on", async () => {
    const failure = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    const failed = await new Promise((resolve) =>
      guardedLookup([], false, (_name, _options, callback) => callback(failure, []))("x", {}, resolve),
    );
    expect(failed).toBe(failure);
  });

  it("is resolved and judged for every connection, and connected to the judged address", async () => {
    // The first answer is fine, the second is what DNS rebinding would slip in.
    const resolve = resolving(found("127.0.0.1"), found("127.0.0.2"), found("10.9.9.9"));
    const agent = new Agent({
      pipelining: 0,
      connect: { lookup: guardedLookup(["127.0.0.1/32"], true, resolve) },
    });
    agents.push(agent);
    const url = `${server.origin.replace("127.0.0.1", "name.example")}/`;
    const first = await request(url, { dispatcher: agent, reset: true });
    expect(first.statusCode).toBe(200);
    await first.body.dump();
    await expect(request(url, { dispatcher: agent, reset: true })).rejects.toThrow(RefusedAddressError);
    await expect(request(url, { dispatcher: agent, reset: true })).rejects.toThrow(RefusedAddressError);
    expect(server.heard).toHaveLength(1);
  });
});

describe("an address written as numbers", () => {
  it.each([
    ["dotted", "https://10.0.0.1/"],
    ["decimal", "https://167772161/"],
    ["hex", "https://0xa000001/"],
    ["octal", "https://012.0.0.1/"],
    ["short", "https://10.1/"],
    ["in full-width digits", "https://１０.0.0.1/"],
    ["metadata", "https://169.254.169.254/latest/meta-data"],
    ["IPv6", "https://[::1]/"],
    ["mapped", "https://[::ffff:10.0.0.1]/"],
    ["NAT64", "https://[64:ff9b::a00:1]/"],
    ["public over plain http", "http://93.184.216.34/"],
  ])("%s is refused before anything is looked up", (_name, url) =>
    expect(() => guardedDispatcher(new URL(url))).toThrow(RefusedAddressError),
  );

  it.each([
    ["public over https", "https://93.184.216.34/"],
    ["in a named range over plain http", "http://127.0.0.1/"],
    ["in a named range in decimal", "http://2130706433/"],
    ["a name, which is judged when it is looked up", "https://name.example/"],
  ])("%s is let through", (_name, url) => expect(() => guardedDispatcher(new URL(url))).not.toThrow());
});

describe("an endpoint at an address that is not allowed", () => {
  const client = (baseUrl: string) =>
    createEndpointClient({
      baseUrl,
      upstreamId: "ep",
      apiKey: "key",
      maxOutputBytes: 1000,
      dispatcher: () => guardedDispatcher(new URL(baseUrl)),
    });

  it("says that the operator, not the network, said no", async () => {
    expect(await client("https://192.168.7.7/v2").run("{}")).toEqual({
      kind: "unreachable",
      refusedAddress: true,
      words: "The address is inside a private network, which this server does not allow.",
    });
  });

  it("is asked in a named range", async () => {
    expect(await client(`${server.origin}/v2`).run("{}")).toEqual({ kind: "accepted", upstreamId: "job-1" });
  });
});
