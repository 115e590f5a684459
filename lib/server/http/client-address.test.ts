import { describe, expect, it } from "vitest";
import { clientAddress } from "@/lib/server/http/client-address";

const PROXIES = ["10.0.0.0/8", "fd00::/8"];

describe("who is really asking", () => {
  it.each<
    [
      name: string,
      peer: string | undefined,
      forwarded: string | undefined,
      trusted: string[],
      address: string,
    ]
  >([
    ["without proxies, the peer", "203.0.113.9", undefined, [], "203.0.113.9"],
    ["without proxies, whatever the header says", "203.0.113.9", "1.2.3.4", [], "203.0.113.9"],
    [
      "a stranger in front of trusted proxies cannot claim another",
      "203.0.113.9",
      "1.2.3.4",
      PROXIES,
      "203.0.113.9",
    ],
    ["behind a proxy, whom it names", "10.0.0.1", "1.2.3.4", PROXIES, "1.2.3.4"],
    ["behind two proxies, whom the outer one names", "10.0.0.1", "1.2.3.4, 10.0.0.2", PROXIES, "1.2.3.4"],
    ["not what the client put in front", "10.0.0.1", "9.9.9.9, 1.2.3.4", PROXIES, "1.2.3.4"],
    [
      "not a trusted-looking address that the client put in front",
      "10.0.0.1",
      "10.0.0.9, 1.2.3.4",
      PROXIES,
      "1.2.3.4",
    ],
    ["a proxy that names nobody is asking itself", "10.0.0.1", undefined, PROXIES, "10.0.0.1"],
    ["a proxy that only names proxies, too", "10.0.0.1", "10.0.0.2", PROXIES, "10.0.0.1"],
    ["nonsense ends the reading", "10.0.0.1", "1.2.3.4, unknown", PROXIES, "10.0.0.1"],
    ["an address with a port is nonsense", "10.0.0.1", "1.2.3.4:5678", PROXIES, "10.0.0.1"],
    ["IPv4 mapped into IPv6 is IPv4", "::ffff:10.0.0.1", "::ffff:1.2.3.4", PROXIES, "1.2.3.4"],
    ["IPv6 behind IPv6", "fd00::1", "2001:db8::1", PROXIES, "2001:db8::1"],
    ["a closed socket is nobody", undefined, "1.2.3.4", PROXIES, "unknown"],
  ])("%s", (_name, peer, forwarded, trusted, address) =>
    expect(clientAddress(peer, forwarded, trusted).address).toBe(address),
  );

  it("trusts the proxy's other headers only when it is one", () => {
    expect(clientAddress("10.0.0.1", undefined, PROXIES).viaTrustedProxy).toBe(true);
    expect(clientAddress("203.0.113.9", "10.0.0.1", PROXIES).viaTrustedProxy).toBe(false);
    expect(clientAddress("10.0.0.1", undefined, []).viaTrustedProxy).toBe(false);
  });
});
