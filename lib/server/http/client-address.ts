import ipaddr from "ipaddr.js";

const inAny = (address: string, cidrs: readonly string[]): boolean => {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  return cidrs.some((cidr) => {
    const [network, bits] = ipaddr.parseCIDR(cidr);
    return network.kind() === ip.kind() && ip.match([network, bits] as [ipaddr.IPv4 & ipaddr.IPv6, number]);
  });
};

/**
 * Who is really asking. X-Forwarded-For counts only as far as it was written by proxies that the operator trusts: read
 * from the right, the first address that is not one of them is the client.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: readonly string[],
): { address: string; viaTrustedProxy: boolean } {
  const direct = peer && ipaddr.isValid(peer) ? ipaddr.process(peer).toString() : "unknown";
  if (!inAny(direct, trusted)) return { address: direct, viaTrustedProxy: false };
  const hops = (forwardedFor ?? "").split(",").map((hop) => hop.trim());
  for (const hop of hops.reverse()) {
    if (!ipaddr.isValid(hop)) break;
    if (!inAny(hop, trusted)) return { address: ipaddr.process(hop).toString(), viaTrustedProxy: true };
  }
  return { address: direct, viaTrustedProxy: true };
}
