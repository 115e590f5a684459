import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import type { Person } from "@/faults/people";
import { CANARY_S3 } from "@/faults/secrets";

/** One click of a person: what it asks for, and what came of it as far as the browser knows. */
export type Intent = {
  clientKey: string;
  /** In the input, so that an upstream job can be told to belong to this click. */
  marker: string;
  endpointId: string;
  input: Record<string, unknown>;
  /** The job's id, once an answer said that it was saved. */
  acknowledged?: string;
};

export function newIntent(endpointId: string, input: Record<string, unknown> = {}): Intent {
  const marker = randomUUID();
  return { clientKey: randomUUID(), marker, endpointId, input: { marker, ...input } };
}

/** A signed-in browser. Its session is in the database, so every web process knows it. */
export type Browser = { cookie: string; api: string };

export async function signIn(url: string, { email, password, slug }: Person): Promise<Browser> {
  const answer = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { origin: url, "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`signing in answered ${answer.status}: ${await answer.text()}`);
  const cookie = answer.headers.getSetCookie().map((line) => line.split(";")[0]);
  return { cookie: cookie.join("; "), api: `/api/w/${slug}` };
}

/** Why a submit was not acknowledged: an HTTP status, or no answer at all. */
export type NoAnswer = { status: number | null; words: string };

/** Submit once. Null means acknowledged, and the intent knows its job from then on. */
export async function submit(url: string, browser: Browser, intent: Intent): Promise<NoAnswer | null> {
  const { clientKey, endpointId, input } = intent;
  try {
    const answer = await request(`${url}${browser.api}/jobs`, {
      method: "POST",
      headers: { origin: url, cookie: browser.cookie, "content-type": "application/json" },
      body: JSON.stringify({
        clientKey,
        endpointId,
        request: { inputText: JSON.stringify(input), s3: CANARY_S3 },
      }),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) return { status: answer.statusCode, words: text };
    const { id } = JSON.parse(text) as { id: string };
    if (intent.acknowledged !== undefined && intent.acknowledged !== id)
      throw new Error(`one client key was answered with two jobs: ${intent.acknowledged} and ${id}`);
    intent.acknowledged = id;
    return null;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== "string") throw error;
    return { status: null, words: code };
  }
}

/** Submit until it is acknowledged, as a browser does that shows "try again": a 4xx is final. */
export async function submitSurely(
  url: string,
  browser: Browser,
  intent: Intent,
  forMs = 60_000,
): Promise<{ refusals: NoAnswer[] }> {
  const refusals: NoAnswer[] = [];
  const giveUpAt = performance.now() + forMs;
  for (;;) {
    const refused = await submit(url, browser, intent);
    if (!refused) return { refusals };
    refusals.push(refused);
    const isFinal = refused.status !== null && refused.status < 500;
    if (isFinal || performance.now() > giveUpAt)
      throw new Error(`a submit was not acknowledged: ${JSON.stringify(refusals.slice(-3))}`);
    await sleep(300);
  }
}

/** Work on many at once, at most `atOnce` of them. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
) {
  const left = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
