import { request } from "undici";
import type { Browser } from "@/faults/intents";
import type { Violation } from "@/faults/invariants";

/** How many of the jobs a stranger asks for, one by one. */
const TRIED_JOBS = 10;

/**
 * I6: a member of another workspace asks for everything that can be read, in our workspace and, with our ids, in its own.
 * @param markers what only our rows hold: it must be in none of the answers.
 * @throws when the owner does not get what the stranger is refused, because then nothing was tried
 */
export async function tryAsStranger(
  url: string,
  owner: Browser,
  stranger: Browser,
  jobIds: readonly string[],
  markers: readonly string[],
): Promise<Violation[]> {
  const ask = async (who: Browser, path: string) => {
    const answer = await request(`${url}${path}`, { headers: { cookie: who.cookie } });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const lists = ["/jobs?limit=200", "/jobs/changes?since=0", "/endpoints", "/batches"];
  const ofJob = jobIds
    .slice(0, TRIED_JOBS)
    .flatMap((id) => ["", "/output", "/stream"].map((part) => `/jobs/${id}${part}`));
  const violations: Violation[] = [];
  const judge = (path: string, answer: { status: number; text: string }, isOwnList: boolean) => {
    if (!isOwnList && answer.status !== 404)
      violations.push(`I6: a stranger is answered ${answer.status} at ${path}`);
    if ([...jobIds, ...markers].some((one) => answer.text.includes(one) && !path.includes(one)))
      violations.push(`I6: a stranger reads ours at ${path}`);
  };
  for (const path of [...lists, ...ofJob]) {
    const ours = `${owner.api}${path}`;
    judge(ours, await ask(stranger, ours), false);
    const theirs = `${stranger.api}${path}`;
    judge(theirs, await ask(stranger, theirs), lists.includes(path));
  }
  for (const path of [...lists, ...ofJob.filter((one) => /^\/jobs\/[^/]+$/.test(one))]) {
    const { status } = await ask(owner, `${owner.api}${path}`);
    if (status !== 200) throw new Error(`the owner is answered ${status} at ${path}`);
  }
  return violations;
}
