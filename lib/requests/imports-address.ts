import type { PastedAddress } from "@/lib/requests/imports-pasted";
import { refuse } from "@/lib/requests/imports-pasted";

export type JobAddress = { address: PastedAddress | null; isSync: boolean };

/**
 * Read the address of a `/run` or `/runsync` call, with or without an endpoint id in front of it (a worker's own test
 * server has none).
 * @returns null for an address that is not one of the job API.
 * @throws AppError for the API's other operations: there is nothing to compose in them.
 */
export function readJobAddress(url: string): JobAddress | null {
  const bare = url.replace(/[?#].*$/s, "").replace(/\/+$/, "");
  const parts = bare.split("/");
  const operation = parts.at(-1);
  const other =
    /\/v2\/[^/]+\/(status|status-sync|stream|cancel|retry|health|purge-queue|openai)(?:\/|$)/.exec(bare);
  if (other)
    refuse(`This calls /${other[1]}, which has no input to compose. Paste a call of /run or /runsync.`);
  if (operation !== "run" && operation !== "runsync") return null;
  const id = parts.at(-2) ?? "";
  const base = parts.slice(0, -2).join("/");
  const isId = /^[A-Za-z0-9_-]+$/.test(id) && /^https?:\/\/[^/]|^[^/]+\/|^\{|^\$/.test(base);
  return {
    address: isId ? { endpointId: id, baseUrl: /^https?:\/\/[^/]/.test(base) ? base : null } : null,
    isSync: operation === "runsync",
  };
}

export const RUNSYNC_NOTE = "It called /runsync; Jobdeck sends with /run and waits for the result itself.";
