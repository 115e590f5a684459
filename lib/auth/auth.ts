import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { nextCookies } from "better-auth/next-js";
import { signInLimit } from "@/lib/auth/sign-in-limit";
import { db } from "@/lib/db/client";
import * as tables from "@/lib/db/tables/auth";
import { env } from "@/lib/kernel/env";
import { once } from "@/lib/kernel/once";
import { authSecret } from "@/lib/secrets/vault";

/** Header in which the front passes the client's address, after it judged X-Forwarded-For. */
export const CLIENT_ADDRESS_HEADER = "x-jobdeck-client-address";

export const COOKIE_PREFIX = "jobdeck";

export const PASSWORD_LENGTH = { min: 10, max: 128 } as const;

function createAuth() {
  const { publicUrl, internalUrl } = env();
  return betterAuth({
    appName: "Jobdeck",
    secret: authSecret(),
    // Only a default: people may open Jobdeck by any name that leads here, see trustedOrigins.
    baseURL: publicUrl ?? internalUrl,
    basePath: "/api/auth",
    // The front has already refused every write whose Origin is not the host it was sent to.
    trustedOrigins: (request) => {
      const origin = request?.headers.get("origin");
      return origin ? [origin] : [];
    },
    database: drizzleAdapter(db(), { provider: "pg", schema: tables }),
    emailAndPassword: {
      enabled: true,
      // People come in through the setup link or an invite, never by signing up.
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
    },
    session: { expiresIn: 14 * 24 * 3600, updateAge: 24 * 3600 },
    rateLimit: {
      enabled: true,
      storage: "database",
      modelName: "rateLimit",
      window: 60,
      max: 300,
      customRules: {
        "/sign-in/email": { window: 60, max: 10 },
        // Asks for the present password, so it could be used to guess it.
        "/change-password": { window: 60, max: 5 },
      },
    },
    hooks: signInLimit,
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: publicUrl?.startsWith("https:") ?? false,
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    telemetry: { enabled: false },
    plugins: [nextCookies()],
  });
}

/** The better-auth instance of this process. */
export const auth = (): ReturnType<typeof createAuth> => once("auth", createAuth);
