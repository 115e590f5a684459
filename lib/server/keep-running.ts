import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "@/lib/kernel/log";
import { nextDelay } from "@/lib/server/backoff";
import { sendSignal } from "@/lib/server/process-identity";

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type KeptProcessSpec = {
  name: string;
  launch: () => Promise<ChildProcess>;
  /** Resolves when the process can do its work; the signal fires when it has ended instead. */
  untilReady: (child: ChildProcess, ended: AbortSignal) => Promise<void>;
  /** Asked when a process ends that was never ready in any run: an error ends the attempts, undefined tries again. */
  giveUp: (exit: Exit, attempts: number) => Error | undefined;
  /** Signals to stop it, each with its time to obey; SIGKILL follows by itself. */
  stopPlan: readonly [signal: NodeJS.Signals, waitMs: number][];
  /** The child leads a group of its own, and what is left of the group dies with it. */
  ownsGroup: boolean;
  /** Called whenever `pid()` changes. */
  onChange?: () => void;
};

export type KeptProcess = {
  /** Settles once: the first time the process is ready, or when it is given up. */
  ready: Promise<void>;
  pid: () => number | undefined;
  stop: () => Promise<void>;
};

/** Start a process, start it again whenever it ends, and stop it surely. */
export function keepRunning(spec: KeptProcessSpec): KeptProcess {
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let becomeReady = (): void => {};
  let fail = (_error: unknown): void => {};
  const ready = new Promise<void>((resolve, reject) => {
    becomeReady = resolve;
    fail = reject;
  });

  async function runOnce(): Promise<{ exit: Exit; wasReady: boolean }> {
    const running = await spec.launch();
    const over = new AbortController();
    let wasReady = false;
    const exited = new Promise<Exit>((resolve) => {
      running.once("exit", (code, signal) => resolve({ code, signal }));
      running.once("error", () => running.pid === undefined && resolve({ code: null, signal: null }));
    });
    child = running;
    ended = exited;
    spec.onChange?.();
    // It may have been asked to stop while it was being launched.
    if (stopping.signal.aborted) running.kill("SIGKILL");
    const becoming = spec.untilReady(running, over.signal).then(
      () => {
        wasReady = true;
        becomeReady();
      },
      () => {}, // ended before it was ready: the exit says so
    );
    const exit = await exited;
    over.abort();
    await becoming;
    if (spec.ownsGroup && running.pid) sendSignal(-running.pid, "SIGKILL");
    child = undefined;
    spec.onChange?.();
    return { exit, wasReady };
  }

  async function loop(): Promise<void> {
    let delayMs: number | undefined;
    let everReady = false;
    for (let attempts = 1; ; attempts++) {
      const from = performance.now();
      const { exit, wasReady } = await runOnce().catch((error: unknown) => {
        if (!everReady) throw error;
        // For example no memory for another process: that passes.
        log.error({ process: spec.name, err: error }, "a process could not be started");
        return { exit: { code: null, signal: null }, wasReady: false };
      });
      if (stopping.signal.aborted) return;
      everReady ||= wasReady;
      const error = everReady ? undefined : spec.giveUp(exit, attempts);
      if (error) throw error;
      delayMs = nextDelay(delayMs, performance.now() - from);
      log.warn({ process: spec.name, ...exit, delayMs }, "a process ended and is started again");
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
    }
  }

  const running = loop().catch(fail);

  return {
    ready,
    pid: () => child?.pid,
    async stop() {
      stopping.abort();
      for (const [signal, waitMs] of [...spec.stopPlan, ["SIGKILL", 2_000] as const]) {
        if (!child) break;
        child.kill(signal);
        await Promise.race([ended, sleep(waitMs)]);
      }
      await running;
    },
  };
}
