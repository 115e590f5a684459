import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isTerminal,
  type JobState,
  type JobStatus,
  judgeAbsence,
  type Observation,
  observe,
  WIRE_STATUSES,
} from "@/lib/jobs/lifecycle";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000);

const job = (status: JobStatus, over: Partial<JobState> = {}): JobState => ({
  status,
  upstreamId: "u-1",
  workerId: null,
  retries: 0,
  delayMs: null,
  executionMs: null,
  error: null,
  progress: null,
  queuedAt: at(0),
  startedAt: null,
  finishedAt: null,
  observedAt: at(10),
  ...over,
});
const see = (status: JobStatus, over: Partial<Observation> = {}): Observation => ({
  at: at(11),
  upstreamId: "u-1",
  status,
  ...over,
});

describe("observe", () => {
  it.each<[name: string, from: JobState, seen: Observation, to: JobStatus]>([
    ["a worker picks the job up", job("IN_QUEUE"), see("IN_PROGRESS"), "IN_PROGRESS"],
    ["a job may finish between two polls", job("IN_QUEUE"), see("COMPLETED"), "COMPLETED"],
    ["a late poll cannot reopen", job("COMPLETED"), see("IN_PROGRESS"), "COMPLETED"],
    ["a second verdict does not replace the first", job("FAILED"), see("COMPLETED"), "FAILED"],
    ["a lost job stays lost", job("LOST"), see("IN_PROGRESS"), "LOST"],
    [
      "a slow poll does not undo a newer one",
      job("IN_PROGRESS"),
      see("IN_QUEUE", { at: at(9) }),
      "IN_PROGRESS",
    ],
    ["a flap backwards is ignored", job("IN_PROGRESS"), see("IN_QUEUE"), "IN_PROGRESS"],
    ["a re-dispatch goes back to the queue", job("IN_PROGRESS"), see("IN_QUEUE", { retries: 1 }), "IN_QUEUE"],
    ["an unknown word is shown as it is", job("IN_QUEUE"), see("WARMING_UP"), "WARMING_UP"],
    ["an unknown word is still watched", job("WARMING_UP"), see("COMPLETED"), "COMPLETED"],
    ["an unconfirmed job is healed", job("UNCONFIRMED", { upstreamId: null }), see("IN_QUEUE"), "IN_QUEUE"],
    ["the acknowledgement names the id", job("SENDING", { upstreamId: null }), see("IN_QUEUE"), "IN_QUEUE"],
    [
      "another job's answer is not ours",
      job("IN_QUEUE"),
      see("COMPLETED", { upstreamId: "u-2" }),
      "IN_QUEUE",
    ],
  ])("%s", (_name, from, seen, to) => expect(observe(from, seen).status).toBe(to));

  it("returns the same object when nothing changed", () => {
    const running = observe(job("IN_QUEUE"), see("IN_PROGRESS", { delayMs: 4000 }));
    expect(observe(running, see("IN_PROGRESS", { at: at(12), delayMs: 4000, executionMs: 900 }))).toBe(
      running,
    );
  });

  it("places start and end by the provider's durations, never after we asked", () => {
    const done = observe(job("IN_QUEUE"), see("COMPLETED", { delayMs: 4000, executionMs: 2500 }));
    expect([done.startedAt, done.finishedAt]).toEqual([at(4), at(6.5)]);
    const odd = observe(job("IN_QUEUE"), see("COMPLETED", { delayMs: 4_000_000, executionMs: 9e9 }));
    expect([odd.startedAt, odd.finishedAt]).toEqual([at(11), at(11)]);
  });

  it("keeps progress as progress and clears errors of attempts that were retried", () => {
    const running = observe(job("IN_QUEUE"), see("IN_PROGRESS", { progress: '{"step":1}', error: "noise" }));
    expect(running).toMatchObject({ progress: '{"step":1}', error: null });
  });

  const observation = fc.record({
    status: fc.constantFrom<JobStatus>(...WIRE_STATUSES, "SOMETHING_NEW"),
    second: fc.integer({ min: 0, max: 40 }),
    retries: fc.integer({ min: 0, max: 2 }),
  });
  it("law: a terminal state never changes, in whatever order answers come", () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 30 }), (seen) => {
        let state = job("IN_QUEUE");
        for (const { second, ...rest } of seen) {
          const next = observe(state, see(rest.status, { ...rest, at: at(second) }));
          if (isTerminal(state.status)) expect(next).toBe(state);
          if (state.observedAt && next.observedAt) expect(next.observedAt >= state.observedAt).toBe(true);
          state = next;
        }
      }),
    );
  });
});

describe("judgeAbsence", () => {
  const absence = {
    at: at(1000),
    queuedAt: at(0),
    lastSeenAt: at(995),
    missingSince: null,
    ttlMs: 86_400_000,
    retentionMs: 1_800_000,
  };
  it.each<[string, Partial<Parameters<typeof judgeAbsence>[0]>, string]>([
    ["a just-created job may be unknown for a moment", { at: at(5), lastSeenAt: at(0) }, "wait"],
    ["one 404 proves nothing", {}, "wait"],
    ["a second 404 after 30 s is a loss", { missingSince: at(970), lastSeenAt: at(969) }, "LOST"],
    ["a second 404 after 29 s is not", { missingSince: at(971), lastSeenAt: at(970) }, "wait"],
    ["after its ttl it expired", { ttlMs: 900_000 }, "EXPIRED"],
    [
      "after longer than the retention without looking it expired",
      { at: at(5000), lastSeenAt: at(3000) },
      "EXPIRED",
    ],
  ])("%s", (_name, over, verdict) => expect(judgeAbsence({ ...absence, ...over })).toBe(verdict));
});
