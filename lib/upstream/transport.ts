import dns from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { env } from "@/lib/kernel/env";
import { once } from "@/lib/kernel/once";
import { isAllowedAddress, isNamedAddress, RefusedAddressError } from "@/lib/upstream/address-guard";

/** No provider answers a connect slower; a longer wait only hides a wrong address. */
const CONNECT_TIMEOUT_MS = 5_000;

const shared = {
  connections: 256,
  // An idle socket that the provider closes while we write makes a send UNCONFIRMED, so ours close first.
  keepAliveTimeout: 2_000,
  keepAliveMaxTimeout: 4_000,
  headersTimeout: 20_000,
  bodyTimeout: 30_000,
};

/** The part of `dns.lookup` that is used here. */
type ResolveAll = (
  hostname: string,
  options: dns.LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: dns.LookupAddress[]) => void,
) => void;

/**
 * Every resolved address is checked, and the connection goes to a checked one: a name that changes its mind between
 * check and connect (DNS rebinding) gains nothing.
 */
export function guardedLookup(
  allowed: readonly string[],
  isPlainHttp: boolean,
  resolve: ResolveAll = dns.lookup,
): LookupFunction {
  const permits = isPlainHttp ? isNamedAddress : isAllowedAddress;
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "", 0);
      const refused = found.find(({ address }) => !permits(address, allowed));
      if (refused || found.length === 0)
        return callback(
          new RefusedAddressError(`${hostname} leads to an address that is not allowed`),
          "",
          0,
        );
      if (options.all) return callback(null, found);
      callback(null, found[0]!.address, found[0]!.family);
    });
  };
}

/** Addresses written as numbers never reach a lookup, so they are checked here. @throws RefusedAddressError */
function checkLiteral(url: URL, allowed: readonly string[]): void {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) === 0) return;
  const permits = url.protocol === "http:" ? isNamedAddress : isAllowedAddress;
  if (!permits(host, allowed)) throw new RefusedAddressError(`${host} is not an allowed address`);
}

/** For addresses from our own configuration: the built-in endpoint and the provider itself. */
export const trustedDispatcher = (): Dispatcher =>
  once("dispatcher-trusted", () => new Agent({ ...shared, connect: { timeout: CONNECT_TIMEOUT_MS } }));

/**
 * For addresses that people gave: https to public addresses, and the ranges that the operator opened.
 * @throws RefusedAddressError for an address literal outside of them.
 */
export function guardedDispatcher(url: URL): Dispatcher {
  const allowed = env().allowPrivateAddresses;
  checkLiteral(url, allowed);
  const isPlainHttp = url.protocol === "http:";
  return once(
    `dispatcher-guarded-${isPlainHttp ? "http" : "https"}`,
    () =>
      new Agent({
        ...shared,
        connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(allowed, isPlainHttp) },
      }),
  );
}
