import pino from "pino";
import { once } from "@/lib/kernel/once";

/**
 * JSON lines on stdout. Bodies, headers and secrets are never passed to it; the redaction below is a second net for
 * the keys that would hurt most.
 */
export const log = once("log", () =>
  pino({
    level: process.env.JOBDECK_LOG_LEVEL ?? "info",
    base: { role: process.env.JOBDECK_ROLE },
    redact: {
      paths: [
        "*.apiKey",
        "*.authorization",
        "*.password",
        "*.token",
        "*.accessSecret",
        "*.secret",
        "*.cookie",
      ],
      censor: "[redacted]",
    },
  }),
);
