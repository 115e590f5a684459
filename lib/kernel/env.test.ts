import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseEnv } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";

const problems = (source: Record<string, string>): Record<string, string> => {
  try {
    parseEnv(source);
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid") return error.fields ?? {};
    throw error;
  }
  return {};
};

const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));

describe("parseEnv", () => {
  it("needs nothing to be set", () => {
    expect(parseEnv({})).toEqual({
      port: 3000,
      host: "127.0.0.1",
      dataDir: path.resolve("data"),
      databaseUrl: undefined,
      publicUrl: undefined,
      internalUrl: "http://127.0.0.1:3000",
      secretKey: undefined,
      logLevel: "info",
      ownerEmail: undefined,
      ownerPassword: undefined,
      allowPrivateAddresses: [],
      maxOutputBytes: 128 * 1024 * 1024,
      trustProxy: [],
    });
  });

  it("takes an empty or blank variable as unset", () => {
    expect(parseEnv({ PORT: "", DATABASE_URL: " ", JOBDECK_PUBLIC_URL: "" })).toEqual(parseEnv({}));
  });

  it.each<[name: string, key: string]>([
    ["hex", KEY.toString("hex")],
    ["base64", KEY.toString("base64")],
    ["URL-safe base64 without padding", KEY.toString("base64url")],
  ])("reads the secret key as %s", (_name, key) => {
    expect(parseEnv({ JOBDECK_SECRET_KEY: key }).secretKey).toEqual(KEY);
  });

  it.each<[name: string, host: string, internalUrl: string]>([
    ["any IPv4 address", "0.0.0.0", "http://127.0.0.1:8080"],
    ["any address", "::", "http://127.0.0.1:8080"],
    ["one IPv6 address", "::1", "http://[::1]:8080"],
    ["one address", "192.0.2.7", "http://192.0.2.7:8080"],
  ])("reaches web from inside when it listens on %s", (_name, host, internalUrl) => {
    expect(parseEnv({ HOST: host, PORT: "8080" }).internalUrl).toBe(internalUrl);
  });

  it("reads lists of address ranges; a bare address is a range of one", () => {
    const env = parseEnv({ JOBDECK_TRUSTED_PROXIES: "10.0.0.0/8, ::1 ,192.0.2.1," });
    expect(env.trustProxy).toEqual(["10.0.0.0/8", "::1/128", "192.0.2.1/32"]);
  });

  it("drops the trailing slash of an origin and keeps blanks at the ends of a password", () => {
    const env = parseEnv({
      JOBDECK_PUBLIC_URL: "https://jobs.example.com/",
      JOBDECK_OWNER_EMAIL: "a@example.com",
      JOBDECK_OWNER_PASSWORD: " eight chars ",
    });
    expect([env.publicUrl, env.ownerPassword]).toEqual(["https://jobs.example.com", " eight chars "]);
  });

  it.each<[name: string, source: Record<string, string>, variable: string]>([
    ["port zero", { PORT: "0" }, "PORT"],
    ["a port over 65535", { PORT: "65536" }, "PORT"],
    ["a port in words", { PORT: "http" }, "PORT"],
    ["a host with a scheme", { HOST: "http://localhost" }, "HOST"],
    ["another database", { DATABASE_URL: "mysql://u:hunter2@h/d" }, "DATABASE_URL"],
    ["a public URL with a path", { JOBDECK_PUBLIC_URL: "https://a.example/jobs" }, "JOBDECK_PUBLIC_URL"],
    ["a public URL that is none", { JOBDECK_PUBLIC_URL: "jobs.example.com" }, "JOBDECK_PUBLIC_URL"],
    ["a short key", { JOBDECK_SECRET_KEY: "hunter2" }, "JOBDECK_SECRET_KEY"],
    ["an unknown log level", { JOBDECK_LOG_LEVEL: "loud" }, "JOBDECK_LOG_LEVEL"],
    ["an owner without password", { JOBDECK_OWNER_EMAIL: "a@example.com" }, "JOBDECK_OWNER_PASSWORD"],
    ["a password without owner", { JOBDECK_OWNER_PASSWORD: "hunter2hunter2" }, "JOBDECK_OWNER_EMAIL"],
    [
      "an owner's password that the setup page would refuse",
      { JOBDECK_OWNER_EMAIL: "a@example.com", JOBDECK_OWNER_PASSWORD: "123456789" },
      "JOBDECK_OWNER_PASSWORD",
    ],
    ["a range that is none", { JOBDECK_TRUSTED_PROXIES: "10.0.0.0/33" }, "JOBDECK_TRUSTED_PROXIES"],
  ])("refuses %s, naming the variable and no secret", (_name, source, variable) => {
    const found = problems(source);
    expect(Object.keys(found)).toEqual([variable]);
    expect(found[variable]).not.toContain("hunter2");
  });

  it("names every wrong variable at once", () => {
    expect(Object.keys(problems({ PORT: "x", JOBDECK_LOG_LEVEL: "y" }))).toEqual([
      "PORT",
      "JOBDECK_LOG_LEVEL",
    ]);
  });
});
