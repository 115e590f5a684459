import type pg from "pg";
import type { Upstream } from "@/bench/upstream/start";
import { type Browser, type Intent, signIn } from "@/faults/intents";
import { type Accepted, checkInvariants, type Findings, isEchoOf } from "@/faults/invariants";
import { OWNER, STRANGER } from "@/faults/people";
import { findSecrets, secretsOf } from "@/faults/secrets";
import { tryAsStranger } from "@/faults/stranger";

/** What a fault run leaves behind for the invariants to look at. */
export type Run = {
  client: pg.ClientBase;
  /** Of a web process that answers. */
  url: string;
  browser: Browser;
  upstream: Upstream;
  masterKey: string | undefined;
  said: string;
};

export type Check = (
  intents: readonly Intent[],
  options?: {
    /** The upstream's own ledger unless given. */
    accepted?: readonly Accepted[];
    isOutputOf?: (output: unknown, intent: Intent) => boolean;
  },
) => Promise<Findings>;

export const acceptedBy = (upstream: Upstream): Accepted[] =>
  upstream.jobs().map(({ id, marker, status }) => ({ id, marker, status }));

/** All six promises of docs/reliability.md, after a fault run. */
export async function checkRun(run: Run, ...[intents, options = {}]: Parameters<Check>): Promise<Findings> {
  const { client, url, browser, upstream, said } = run;
  const { accepted = acceptedBy(upstream), isOutputOf = isEchoOf } = options;
  const findings = await checkInvariants(client, intents, accepted, isOutputOf);
  const secrets = secretsOf({ masterKey: run.masterKey, ownerPassword: OWNER.password }, upstream);
  const found = await findSecrets(client, said, secrets, OWNER.email);
  const session = sessionOf(browser);
  if (said.includes(session)) found.push("I5: a session's token stands in the log");
  const crossed = await tryAsStranger(
    url,
    browser,
    await signIn(url, STRANGER),
    intents.flatMap(({ acknowledged }) => acknowledged ?? []),
    [upstream.url, ...intents.map(({ marker }) => marker)],
  );
  return { ...findings, violations: [...findings.violations, ...found, ...crossed] };
}

const sessionOf = (browser: Browser): string => browser.cookie.split("=")[1]!.slice(0, 32);
