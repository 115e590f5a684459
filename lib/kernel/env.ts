import path from "node:path";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { AppError } from "@/lib/kernel/errors";
import { once } from "@/lib/kernel/once";

/** The settings of one process. Each field names the variable that it comes from; `undefined` means "not set". */
export type Env = Readonly<{
  /** PORT */
  port: number;
  /** HOST: the address to listen on. */
  host: string;
  /** JOBDECK_DATA_DIR, absolute. */
  dataDir: string;
  /** DATABASE_URL. Without it the supervisor runs an embedded PostgreSQL and hands its URL to the roles. */
  databaseUrl: string | undefined;
  /** JOBDECK_PUBLIC_URL: the origin at which browsers and providers reach Jobdeck, without a trailing slash. */
  publicUrl: string | undefined;
  /** JOBDECK_INTERNAL_URL: the origin at which the collector and the sample workers reach web; no trailing slash. */
  internalUrl: string;
  /** JOBDECK_SECRET_KEY: 32 bytes. Without it the supervisor keeps one in `<dataDir>/secret.key`. */
  secretKey: Buffer | undefined;
  /** JOBDECK_LOG_LEVEL */
  logLevel: LogLevel;
  /** JOBDECK_OWNER_EMAIL, only together with `ownerPassword`. */
  ownerEmail: string | undefined;
  /** JOBDECK_OWNER_PASSWORD */
  ownerPassword: string | undefined;
  /** JOBDECK_ALLOW_PRIVATE_ADDRESSES: CIDRs inside private ranges where outbound URLs given by people may go. */
  allowPrivateAddresses: readonly string[];
  /** JOBDECK_MAX_OUTPUT_MB, in bytes: larger outputs are not kept. */
  maxOutputBytes: number;
  /** JOBDECK_TRUSTED_PROXIES: CIDRs of the proxies whose X-Forwarded-For counts. */
  trustProxy: readonly string[];
}>;

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

const PORT_RULE = "must be a whole number from 1 to 65535, for example 3000";

const port = z
  .string()
  .regex(/^\d{1,5}$/, PORT_RULE)
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, PORT_RULE);

const MEGABYTES_RULE = "must be a whole number of megabytes from 1 to 10000, for example 128";

const megabytes = z
  .string()
  .regex(/^\d{1,5}$/, MEGABYTES_RULE)
  .transform(Number)
  .refine((value) => value >= 1 && value <= 10_000, MEGABYTES_RULE);

const host = z
  .string()
  .regex(
    /^[\w.:%-]+$/,
    "must be an address or host name without scheme and port, for example 127.0.0.1 or 0.0.0.0",
  );

const databaseUrl = z.string().refine(
  (value) => /^postgres(ql)?:\/\//.test(value),
  // The value may hold a password, so it is never quoted.
  "must start with postgresql://, for example postgresql://user:password@host:5432/jobdeck. Leave it unset for the embedded PostgreSQL",
);

const ORIGIN_RULE =
  "must be an http or https address without path, query, user or password, for example https://jobdeck.example.com";

const origin = z.string().transform((value, ctx) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const plain = url && url.pathname === "/" && !url.search && !url.hash && !url.username && !url.password;
  if (plain && /^https?:$/.test(url.protocol)) return url.origin;
  ctx.addIssue({ code: "custom", message: ORIGIN_RULE });
  return z.NEVER;
});

const secretKey = z.string().transform((value, ctx) => {
  const key = /^[0-9a-f]{64}$/i.test(value)
    ? Buffer.from(value, "hex")
    : /^[\w+/-]{43}=?$/.test(value)
      ? Buffer.from(value, "base64") // Node reads the URL-safe alphabet too
      : undefined;
  if (key?.length === 32) return key;
  ctx.addIssue({
    code: "custom",
    message:
      "must be 32 bytes as base64 (44 characters) or hex (64 characters). Make one with: openssl rand -base64 32",
  });
  return z.NEVER;
});

const cidrList = z.string().transform((value, ctx) => {
  const list: string[] = [];
  for (const part of value.split(",").map((item) => item.trim())) {
    if (!part) continue;
    const cidr = part.includes("/") ? part : `${part}/${part.includes(":") ? 128 : 32}`;
    if (ipaddr.isValidCIDR(cidr)) list.push(cidr);
    else
      ctx.addIssue({
        code: "custom",
        message: `has "${part}", which is not an address range. Separate ranges by commas, for example 10.0.0.0/8,fd00::/8`,
      });
  }
  return list;
});

const schema = z.object({
  PORT: port.default(3000),
  HOST: host.default("127.0.0.1"),
  JOBDECK_DATA_DIR: z.string().default("./data"),
  DATABASE_URL: databaseUrl.optional(),
  JOBDECK_PUBLIC_URL: origin.optional(),
  JOBDECK_INTERNAL_URL: origin.optional(),
  JOBDECK_SECRET_KEY: secretKey.optional(),
  JOBDECK_LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`).default("info"),
  JOBDECK_OWNER_EMAIL: z.email("must be a mail address, for example you@example.com").optional(),
  // The same bounds as the setup page has.
  JOBDECK_OWNER_PASSWORD: z
    .string()
    .min(10, "must have at least 10 characters")
    .max(128, "must have at most 128 characters")
    .optional(),
  JOBDECK_ALLOW_PRIVATE_ADDRESSES: cidrList.default([]),
  JOBDECK_MAX_OUTPUT_MB: megabytes.default(128),
  JOBDECK_TRUSTED_PROXIES: cidrList.default([]),
});

const ownerPair = schema.superRefine((value, ctx) => {
  const { JOBDECK_OWNER_EMAIL: email, JOBDECK_OWNER_PASSWORD: password } = value;
  if ((email === undefined) === (password === undefined)) return;
  const [missing, given] =
    email === undefined
      ? ["JOBDECK_OWNER_EMAIL", "JOBDECK_OWNER_PASSWORD"]
      : ["JOBDECK_OWNER_PASSWORD", "JOBDECK_OWNER_EMAIL"];
  ctx.addIssue({
    code: "custom",
    path: [missing],
    message: `is missing while ${given} is set. Set both or neither`,
  });
});

/**
 * Read settings. A variable that is empty or only blanks counts as unset, as compose files pass them.
 * @throws AppError `invalid` with every wrong variable in one message and in `fields`.
 */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const given: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const value = source[key]?.trim();
    if (value) given[key] = key === "JOBDECK_OWNER_PASSWORD" ? source[key]! : value;
  }
  const parsed = ownerPair.safeParse(given);
  if (!parsed.success) throw settingsError(parsed.error.issues);
  const value = parsed.data;
  return {
    port: value.PORT,
    host: value.HOST,
    dataDir: path.resolve(value.JOBDECK_DATA_DIR),
    databaseUrl: value.DATABASE_URL,
    publicUrl: value.JOBDECK_PUBLIC_URL,
    internalUrl: value.JOBDECK_INTERNAL_URL ?? localOrigin(value.HOST, value.PORT),
    secretKey: value.JOBDECK_SECRET_KEY,
    logLevel: value.JOBDECK_LOG_LEVEL,
    ownerEmail: value.JOBDECK_OWNER_EMAIL,
    ownerPassword: value.JOBDECK_OWNER_PASSWORD,
    allowPrivateAddresses: value.JOBDECK_ALLOW_PRIVATE_ADDRESSES,
    maxOutputBytes: value.JOBDECK_MAX_OUTPUT_MB * 1024 * 1024,
    trustProxy: value.JOBDECK_TRUSTED_PROXIES,
  };
}

/** How a process on the same machine reaches a server that listens on `host`. */
export function localOrigin(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** This process's settings, read at the first call. */
export const env = (): Env => once("env", () => parseEnv(process.env));

function settingsError(issues: readonly z.core.$ZodIssue[]): AppError {
  const fields: Record<string, string> = {};
  for (const issue of issues) fields[issue.path.join(".")] ??= issue.message;
  const lines = Object.entries(fields).map(([name, problem]) => `${name} ${problem}.`);
  return new AppError("invalid", lines.join("\n"), { fields });
}
