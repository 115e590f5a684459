import { randomBytes } from "node:crypto";
import type { Db } from "@/lib/db/client";
import { newId } from "@/lib/kernel/ids";
import { log } from "@/lib/kernel/log";
import { workerKeyPlace } from "@/lib/local-endpoint/attach";
import { planPool, restartPauseMs } from "@/lib/local-endpoint/plan";
import type { EndpointRef } from "@/lib/local-endpoint/store";
import {
  drainWorker,
  dropLeases,
  insertSpawnedWorker,
  leaseEndpoints,
  listForeignWorkers,
  type PoolEndpoint,
  readWorkerLoads,
  type WorkerLoad,
} from "@/lib/local-endpoint/store-endpoint";
import { releaseWorker } from "@/lib/local-endpoint/store-worker";
import {
  BUILT_IN_HANDLERS,
  startWorkerProcess,
  type WorkerProcess,
} from "@/lib/local-endpoint/worker-process";
import type { Envelope } from "@/lib/secrets/envelope";

const LEASE_MS = 8_000;
/** A worker that lived this long was healthy, whatever ended it. */
const HEALTHY_MS = 10_000;

type Worker = {
  process: WorkerProcess;
  endpoint: EndpointRef;
  startedAt: number;
  busyAt: number;
  endedByUs: boolean;
  /** The key it was started with, as it is stored. */
  workerKeySealed: string;
  /** Resolves when the process is gone and its jobs are released. */
  buried: Promise<void>;
};
type Crashes = { count: number; notBefore: number };

export type PoolDeps = {
  db: () => Db;
  vault: () => Envelope;
  origin: () => string;
  handlers?: typeof BUILT_IN_HANDLERS;
};

/**
 * Spawns and ends the workers of the built-in handlers for the endpoints whose lease this process holds.
 * A lease that cannot be renewed in time is lost: its workers are killed before another collector may start its own.
 */
export function createPool({ db, vault, origin, handlers = BUILT_IN_HANDLERS }: PoolDeps) {
  const owner = newId();
  const workers = new Map<string, Worker>();
  const crashes = new Map<string, Crashes>();
  let leasedUntil = 0;

  const spawnWorker = async (endpoint: PoolEndpoint, entry: string) => {
    const id = `${endpoint.name}-${randomBytes(5).toString("hex")}`;
    await insertSpawnedWorker(db(), endpoint, { workerId: id, owner });
    const process = startWorkerProcess({
      id,
      entry,
      name: endpoint.name,
      origin: origin(),
      workerKey: vault().open(endpoint.workerKeySealed, workerKeyPlace(endpoint)),
    });
    const now = performance.now();
    const worker: Worker = {
      process,
      endpoint,
      startedAt: now,
      busyAt: now,
      endedByUs: false,
      workerKeySealed: endpoint.workerKeySealed,
      buried: process.gone,
    };
    workers.set(id, worker);
    log.info({ worker: id, endpoint: endpoint.name }, "a worker was started");
    worker.buried = process.gone.then(() => bury(id, worker));
  };

  const bury = async (id: string, worker: Worker) => {
    workers.delete(id);
    const livedMs = performance.now() - worker.startedAt;
    const crashed = !worker.endedByUs;
    const { count = 0 } = crashes.get(worker.endpoint.id) ?? {};
    const failures = crashed && livedMs < HEALTHY_MS ? count + 1 : 0;
    crashes.set(worker.endpoint.id, {
      count: failures,
      notBefore: performance.now() + restartPauseMs(failures),
    });
    if (crashed) log.warn({ worker: id, livedMs: Math.round(livedMs) }, "a worker ended by itself");
    await releaseWorker(db(), worker.endpoint, { workerId: id, blame: crashed }).catch((error: unknown) =>
      // Its silence will free its jobs later.
      log.warn({ err: error, worker: id }, "the jobs of an ended worker could not be released at once"),
    );
  };

  const killAll = (of: (worker: Worker) => boolean = () => true) => {
    for (const worker of workers.values())
      if (of(worker)) {
        worker.endedByUs = true;
        worker.process.kill();
      }
  };

  const tend = async (endpoint: PoolEndpoint, loads: Map<string, WorkerLoad>) => {
    const handler = handlers[endpoint.handler];
    if (!handler) return;
    if (endpoint.fresh)
      for (const workerId of await listForeignWorkers(db(), endpoint, owner))
        await releaseWorker(db(), endpoint, { workerId, blame: false });

    // A replaced key admits none of those that were started with the old one.
    killAll(
      (worker) => worker.endpoint.id === endpoint.id && worker.workerKeySealed !== endpoint.workerKeySealed,
    );
    const now = performance.now();
    const mine = [...workers.values()].filter((worker) => worker.endpoint.id === endpoint.id);
    for (const worker of mine)
      if ((loads.get(worker.process.id)?.running ?? 0) > 0 || endpoint.waiting > 0) worker.busyAt = now;
    const plan = planPool({
      ...endpoint,
      jobsPerWorker: handler.jobsPerWorker,
      pauseMs: (crashes.get(endpoint.id)?.notBefore ?? 0) - now,
      workers: mine.map((worker) => ({
        id: worker.process.id,
        running: loads.get(worker.process.id)?.running ?? 0,
        idleMs: now - worker.busyAt,
        overdueMs: loads.get(worker.process.id)?.overdueMs ?? null,
      })),
    });

    for (const id of plan.kill) {
      log.info({ worker: id }, "a worker did not give up its job and is killed");
      workers.get(id)!.endedByUs = true;
      workers.get(id)!.process.kill();
    }
    for (const id of plan.end) {
      const worker = workers.get(id)!;
      if (worker.endedByUs || !(await drainWorker(db(), endpoint, id))) continue;
      worker.endedByUs = true;
      worker.process.end();
    }
    for (let i = 0; i < plan.spawn; i++) await spawnWorker(endpoint, handler.entry);
    if (mine.length + plan.spawn === 0 && endpoint.open === 0) {
      crashes.delete(endpoint.id);
      await dropLeases(db(), owner, endpoint.id);
    }
  };

  return {
    async tick(): Promise<void> {
      const asked = performance.now();
      try {
        const endpoints = await leaseEndpoints(db(), owner, LEASE_MS);
        leasedUntil = asked + LEASE_MS;
        const held = new Set(endpoints.map(({ id }) => id));
        killAll((worker) => !held.has(worker.endpoint.id));
        if (endpoints.length === 0) return;
        const loads = new Map((await readWorkerLoads(db(), owner)).map((load) => [load.workerId, load]));
        for (const endpoint of endpoints) await tend(endpoint, loads);
      } catch (error) {
        if (performance.now() > leasedUntil) killAll();
        throw error;
      }
    },
    /** Kill every worker and hand the leases back; what the workers held is queued again. */
    async stop(): Promise<void> {
      const last = [...workers.values()].map(({ buried }) => buried);
      killAll();
      await Promise.all(last);
      await dropLeases(db(), owner).catch(() => {});
    },
    workerIds: (): string[] => [...workers.keys()],
  };
}
