import { describe, expect, it } from "vitest";
import { isAllowedAddress, isNamedAddress } from "@/lib/upstream/address-guard";

describe("an address that a person's URL led to", () => {
  it.each([
    ["a public IPv4 address", "93.184.216.34"],
    ["a public IPv6 address", "2606:2800:220:1:248:1893:25c8:1946"],
    ["a public IPv4 address mapped into IPv6", "::ffff:93.184.216.34"],
  ])("%s is allowed", (_name, address) => expect(isAllowedAddress(address, [])).toBe(true));

  it.each([
    ["loopback", "127.0.0.1"],
    ["all of loopback", "127.255.255.254"],
    ["loopback in IPv6", "::1"],
    ["any address", "0.0.0.0"],
    ["any address in IPv6", "::"],
    ["10/8", "10.0.0.1"],
    ["172.16/12", "172.31.255.255"],
    ["192.168/16", "192.168.1.1"],
    ["the metadata service", "169.254.169.254"],
    ["the metadata service of AWS in IPv6", "fd00:ec2::254"],
    ["carrier-grade NAT", "100.64.0.1"],
    ["benchmark networks", "198.18.0.1"],
    ["IETF protocol assignments", "192.0.0.8"],
    ["documentation", "203.0.113.7"],
    ["multicast", "224.0.0.1"],
    ["the future's addresses", "240.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["unique local IPv6", "fd00::1"],
    ["link-local IPv6", "fe80::1"],
    ["link-local IPv6 with a zone", "fe80::1%eth0"],
    ["site-local IPv6", "fec0::1"],
    ["multicast IPv6", "ff02::1"],
    ["a private address mapped into IPv6", "::ffff:10.0.0.1"],
    ["the same in hex", "::ffff:a00:1"],
    ["loopback mapped into IPv6", "::ffff:127.0.0.1"],
    ["loopback in the old compatible form", "::127.0.0.1"],
    ["a private address behind NAT64", "64:ff9b::10.0.0.1"],
    ["a private address behind a local NAT64", "64:ff9b:1::10.0.0.1"],
    ["a private address in 6to4", "2002:a00:1::1"],
    ["Teredo", "2001:0:4136:e378::1"],
    ["documentation IPv6", "2001:db8::1"],
    ["no address at all", "localhost"],
    ["nothing", ""],
  ])("%s is refused", (_name, address) => expect(isAllowedAddress(address, [])).toBe(false));

  it.each<[name: string, address: string, named: string[], allowed: boolean]>([
    ["a range that the operator named", "10.1.2.3", ["10.0.0.0/8"], true],
    ["the same, mapped into IPv6", "::ffff:10.1.2.3", ["10.0.0.0/8"], true],
    ["only that range", "192.168.1.1", ["10.0.0.0/8"], false],
    ["an IPv6 range", "fd00::1", ["fd00::/8"], true],
    ["an IPv4 range says nothing about IPv6", "fd00::1", ["0.0.0.0/0"], false],
  ])("%s", (_name, address, named, allowed) => expect(isAllowedAddress(address, named)).toBe(allowed));

  it("plain http needs the range to be named, public or not", () => {
    expect(isNamedAddress("93.184.216.34", [])).toBe(false);
    expect(isNamedAddress("93.184.216.34", ["93.184.216.0/24"])).toBe(true);
    expect(isNamedAddress("::ffff:127.0.0.1", ["127.0.0.0/8"])).toBe(true);
    expect(isNamedAddress("not an address", ["0.0.0.0/0"])).toBe(false);
  });
});
