import ipaddr from "ipaddr.js";

/**
 * Whether Jobdeck may connect to an address that a person's URL led to.
 * Only globally routable unicast addresses, and the private ranges that the operator named. IPv4 mapped into IPv6 is
 * judged as the IPv4 address it carries; what only tunnels lead to (6to4, Teredo, NAT64) is refused.
 * @param allowed CIDRs from JOBDECK_ALLOW_PRIVATE_ADDRESSES.
 */
export function isAllowedAddress(address: string, allowed: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address); // unwraps ::ffff:a.b.c.d
  if (allowed.some((cidr) => inRange(ip, cidr))) return true;
  return ip.range() === "unicast";
}

/** Whether the operator named the range of this address: only there may a person's URL use plain http. */
export const isNamedAddress = (address: string, allowed: readonly string[]): boolean =>
  ipaddr.isValid(address) && allowed.some((cidr) => inRange(ipaddr.process(address), cidr));

function inRange(ip: ipaddr.IPv4 | ipaddr.IPv6, cidr: string): boolean {
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return network.kind() === ip.kind() && ip.match([network, bits] as [ipaddr.IPv4 & ipaddr.IPv6, number]);
}

/** Thrown by the guarded lookup; the caller tells people that the operator, not the network, said no. */
export class RefusedAddressError extends Error {
  override readonly name = "RefusedAddressError";
  readonly code = "JOBDECK_REFUSED_ADDRESS";
}
