/** What the pool knows about one endpoint and the workers that it spawned for it. */
export type PoolState = {
  /** Jobs that may start a worker. */
  waiting: number;
  /** Jobs that are waiting or running. */
  open: number;
  maxWorkers: number;
  /** How many jobs one worker runs at once. */
  jobsPerWorker: number;
  idleTimeoutMs: number;
  /** Left of the pause after a worker that ended by itself. */
  pauseMs: number;
  workers: {
    id: string;
    running: number;
    /** How long it has had nothing to do. */
    idleMs: number;
    /** How long it has gone on with a job that was taken from it; null when it obeys. */
    overdueMs: number | null;
  }[];
};

export type PoolPlan = { spawn: number; end: string[]; kill: string[] };

/** How long a worker has to obey a stop order before it is killed. */
const OBEY_MS = 2_500;

/**
 * Workers are started for jobs that wait, as many as these and the running ones fill, and ended one by one when they
 * have been idle for long enough. One that does not give up a job that timed out or was cancelled is killed.
 */
export function planPool(state: PoolState): PoolPlan {
  const kill = state.workers.filter(({ overdueMs }) => overdueMs !== null && overdueMs >= OBEY_MS);
  const staying = state.workers.length - kill.length;
  const wanted = Math.min(state.maxWorkers, Math.ceil(state.open / state.jobsPerWorker));
  const spawn = state.waiting > 0 && state.pauseMs <= 0 ? Math.max(0, wanted - staying) : 0;
  const end = state.workers.filter(
    (worker) => !kill.includes(worker) && worker.running === 0 && worker.idleMs >= state.idleTimeoutMs,
  );
  return { spawn, end: end.map(({ id }) => id), kill: kill.map(({ id }) => id) };
}

/** Pause before the next start after `failures` workers in a row that ended by themselves soon after their start. */
export const restartPauseMs = (failures: number): number =>
  failures === 0 ? 0 : Math.min(30_000, 500 * 2 ** failures);
