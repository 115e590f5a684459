import { describe, expect, it } from "vitest";
import { contentSecurityPolicy, isSameOrigin, newNonce } from "@/lib/server/http/security";

describe("a write from our own pages", () => {
  it.each<[name: string, origin: string, host: string, publicUrl?: string]>([
    ["by name", "http://jobdeck.example", "jobdeck.example"],
    ["with a port", "http://localhost:3000", "localhost:3000"],
    ["with TLS ended by a proxy", "https://jobdeck.example", "jobdeck.example"],
    ["with a host in capitals", "http://jobdeck.example", "JobDeck.Example"],
    ["by IPv6", "http://[::1]:3000", "[::1]:3000"],
    [
      "at the public address behind a proxy that renames the host",
      "https://pub.example",
      "web:3000",
      "https://pub.example",
    ],
  ])("%s", (_name, origin, host, publicUrl) => expect(isSameOrigin(origin, host, publicUrl)).toBe(true));

  it.each<[name: string, origin: string | undefined, host: string | undefined, publicUrl?: string]>([
    ["without Origin", undefined, "jobdeck.example"],
    ["without Host", "http://jobdeck.example", undefined],
    ["from null", "null", "jobdeck.example"],
    ["from nothing", "", "jobdeck.example"],
    ["from another site", "https://evil.example", "jobdeck.example"],
    ["from a sub-domain", "https://x.jobdeck.example", "jobdeck.example"],
    ["from a name that begins alike", "https://jobdeck.example.evil.example", "jobdeck.example"],
    ["from another port", "http://localhost:3001", "localhost:3000"],
    ["from the user part of an address", "http://jobdeck.example@evil.example", "jobdeck.example"],
    ["from another kind of address", "ftp://jobdeck.example", "jobdeck.example"],
    ["from an extension", "chrome-extension://jobdeck.example", "jobdeck.example"],
    ["from a page next to the public address", "https://pub.example:8443", "web:3000", "https://pub.example"],
    ["from a list", "http://jobdeck.example, https://evil.example", "jobdeck.example"],
  ])("is not one %s", (_name, origin, host, publicUrl) =>
    expect(isSameOrigin(origin, host, publicUrl)).toBe(false),
  );
});

describe("the policy of pages", () => {
  const directives = (dev: boolean) =>
    Object.fromEntries(
      contentSecurityPolicy("N0nce", dev)
        .split("; ")
        .map((line) => [line.split(" ")[0], line.split(" ").slice(1).join(" ")]),
    );

  it("runs scripts by nonce only, frames nobody and is framed by nobody", () => {
    expect(directives(false)).toMatchObject({
      "default-src": "'self'",
      "script-src": "'nonce-N0nce' 'strict-dynamic'",
      "object-src": "'none'",
      "base-uri": "'none'",
      "form-action": "'self'",
      "frame-ancestors": "'none'",
      "connect-src": "'self'",
    });
    expect(contentSecurityPolicy("N0nce", false)).not.toMatch(
      /unsafe-eval|script-src[^;]*unsafe-inline|\*|http/,
    );
  });

  it("evaluates only in development", () => {
    expect(directives(true)["script-src"]).toContain("'unsafe-eval'");
  });

  it("never repeats a nonce", () => {
    const nonces = new Set(Array.from({ length: 100 }, newNonce));
    expect(nonces.size).toBe(100);
    for (const nonce of nonces) expect(Buffer.from(nonce, "base64")).toHaveLength(16);
  });
});
