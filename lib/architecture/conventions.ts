/** The names that the rules go by. docs/architecture.md says the same in prose. */

/**
 * Pure files: zod, other pure files and types; no `node:`, no React, no clock, no randomness, no env, no fetch. A file is
 * pure when it has one of these names, wherever it lives, or when it lies in a pure room.
 */
const PURE_NAMES = [
  "schema",
  "lifecycle",
  "plan",
  "retry",
  "limiter",
  "limits",
  "permissions",
  "redaction",
  "wire",
  "wire-body",
  "status",
  "errors",
  "result",
  "time",
];
const PURE_ROOMS = ["requests", "input-schema"];
/** Effects are what this room is for, whatever a file in it is called. */
const EFFECTFUL_ROOMS = ["db"];

/** Besides `schema`, `service` and the pure files, what a room shows to the other rooms. */
const PUBLIC_FILES: Record<string, string[]> = {
  // Who is asking, in which workspace: every door needs it. And the factory of the actions, and the instance.
  auth: ["auth", "ask", "context", "define-action", "request-headers", "sign-in-limit"],
  // Sealing and opening: whoever keeps a secret needs it, and it has no row of its own.
  secrets: ["vault"],
  // The HTTP client for endpoints is what this room is for, and the budgets and the guard that every caller keeps to.
  upstream: ["client", "job-answer", "envelope", "transport", "budget", "address-guard"],
  // What the collector does with jobs, and the sealed request that the relay repeats.
  jobs: ["send", "record", "output-store", "request-seal", "draft", "many"],
  // What the collector role runs for other rooms.
  webhooks: ["relay"],
  "local-endpoint": ["runner"],
  // Wakes a sleeping collector.
  collector: ["wake"],
  // An endpoint's row with its key opened, ready to be talked to.
  endpoints: ["connection", "circuit"],
};

/** Open to every room. */
export const COMMON_ROOMS = ["kernel", "db"];

/** The composition roots: they start the rooms' parts and mount their faces, so they may see all but their SQL. */
const COMPOSITION_ROOMS = ["server"];

/** Tables that are not workspace data: people, sign-in, and facts about the installation. */
export const GLOBAL_TABLES = [
  "user",
  "session",
  "account",
  "verification",
  "rate_limit",
  "workspace",
  "install",
  "process",
  "rate_budget",
];

export const MAX_LINES = 400;

/** `lib/jobs/store.test.ts` → `store.test`; `lib/db/testing-setup.ts` → `testing-setup`. */
const baseName = (file: string): string =>
  file.slice(file.lastIndexOf("/") + 1).replace(/\.(ts|tsx|mjs)$/, "");

export const layerOf = (file: string): string =>
  file.includes("/") ? file.slice(0, file.indexOf("/")) : "root";

/** The folder under lib, or undefined for what lies elsewhere. */
export const roomOf = (file: string): string | undefined => /^lib\/([^/]+)\//.exec(file)?.[1];

/** Tests and what exists only for them. */
export const isTest = (file: string): boolean =>
  /\.test$|^testing(-|$)/.test(baseName(file)) || layerOf(file) === "e2e" || roomOf(file) === "architecture";

const EFFECTFUL_ROLES = ["actions", "queries", "service", "store"];

export function isPure(file: string): boolean {
  if (layerOf(file) !== "lib" || isTest(file) || EFFECTFUL_ROOMS.includes(roomOf(file) ?? "")) return false;
  if (PURE_NAMES.includes(baseName(file))) return true;
  return PURE_ROOMS.includes(roomOf(file) ?? "") && !EFFECTFUL_ROLES.includes(baseName(file));
}

export const roleOf = (file: string): string => baseName(file);

export const isCompositionRoom = (room: string): boolean => COMPOSITION_ROOMS.includes(room);

export const isPublicFile = (file: string): boolean =>
  ["schema", "service"].includes(baseName(file)) ||
  isPure(file) ||
  (PUBLIC_FILES[roomOf(file) ?? ""] ?? []).includes(baseName(file));
