import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, json, send, sendSpoiled } from "@/bench/upstream/answer";
import { createClock } from "@/bench/upstream/clock";
import { type Counters, Meter } from "@/bench/upstream/counters";
import { type FaultRule, type PlannedFault, planFault } from "@/bench/upstream/faults";
import type { JobQueue, UpstreamJob } from "@/bench/upstream/job-queue";
import { Gate, type Limit, PROVIDER_LIMITS } from "@/bench/upstream/limits";
import { OPERATIONS, type Operation, parsePath, type Route } from "@/bench/upstream/operations";
import { type UpstreamOptions, withDefaults } from "@/bench/upstream/options";
import { createProvider } from "@/bench/upstream/provider";

/**
 * A scriptable provider of the RunPod job API, for benchmarks and fault tests: it keeps the documented limits, goes wrong
 * as planned, and remembers every request and every accepted job, so that a test can count what a client really did.
 */
export type Upstream = {
  /** `http://host:port/v2`; an endpoint's base URL is this plus `/{endpointId}`. */
  url: string;
  key: string;
  counters(): Counters;
  /** Every accepted job in order, the ones that retention removed included. */
  jobs(): UpstreamJob[];
  /** Markers that were accepted more than once, with how often: paid for twice. */
  duplicates(): Map<string, number>;
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** Epoch ms, undefined while the job is open or unknown. */
  completedAt(id: string): number | undefined;
  finishAll(): void;
  setWorkers(workers: number): void;
  /** The provider loses this job: 404 from now on. */
  forget(id: string): void;
  /** From now on this key is answered 401. */
  revokeKey(key?: string): void;
  restoreKey(key?: string): void;
  /** Replaces the fault plan; indexes go on counting. */
  setFaults(rules: FaultRule[]): void;
  on: JobQueue["on"];
  close(): Promise<void>;
};

const MAX_BODY_BYTES = 20 * 1024 * 1024;
/** status, status-sync and stream draw on one budget. */
const POOL: Partial<Record<Operation, Operation>> = { "status-sync": "status" };
const NO_LIMIT: Limit = { perWindow: Infinity, concurrent: Infinity };

function readBody(request: IncomingMessage): Promise<string | "too large"> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes > MAX_BODY_BYTES) resolve("too large");
      else parts.push(part);
    });
    request.on("end", () => resolve(Buffer.concat(parts).toString()));
    request.on("error", reject);
  });
}

export async function startUpstream(options: Partial<UpstreamOptions> = {}): Promise<Upstream> {
  const settings = withDefaults(options);
  const clock = createClock(settings.scale);
  const provider = createProvider(settings, clock);
  const meter = new Meter();
  const keys = new Set(settings.keys);
  const revoked = new Set<string>();
  const endpointIds = settings.endpointIds && new Set(settings.endpointIds);
  const limits = settings.limits === "none" ? undefined : { ...PROVIDER_LIMITS, ...settings.limits };
  const gates = new Map<string, Gate>();
  let faults = settings.faults;

  const gateOf = (route: Route): Gate => {
    const operation = POOL[route.operation] ?? route.operation;
    const name = `${route.endpointId}/${operation}`;
    const gate = gates.get(name) ?? new Gate(limits?.[operation] ?? NO_LIMIT);
    gates.set(name, gate);
    return gate;
  };

  const isAuthorized = (request: IncomingMessage): boolean => {
    const key = (request.headers.authorization ?? "").replace(/^Bearer /i, "");
    return keys.has(key) && !revoked.has(key);
  };

  /** Real answers wait the round trip; a fault's delay comes on top. */
  const later = (ms: number, run: () => void) => (ms > 0 ? void clock.after(ms, run) : run());

  async function execute(route: Route, request: IncomingMessage, planned?: PlannedFault): Promise<Answer> {
    const body = request.method === "POST" ? await readBody(request) : "";
    if (body === "too large") return json(400, { error: "json is invalid; max size is 20 MB" });
    if (planned && !planned.executed) return json(200, {});
    return provider.execute(route, body);
  }

  /** Requests that are not read to their end: nothing is accepted, the connection is reset. */
  function cutOff(request: IncomingMessage, when: "before-body" | "during-body"): void {
    const reset = () => void request.socket.resetAndDestroy();
    if (when === "before-body") reset();
    else {
      request.once("data", reset);
      request.once("end", reset);
    }
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const route = parsePath(request.url ?? "/");
    if (!route || (endpointIds && !endpointIds.has(route.endpointId))) {
      later(settings.roundTripMs, () => send(response, json(404, { error: "endpoint not found" })));
      return;
    }
    const { operation } = route;
    const count = meter.counts[operation];
    const index = meter.arrive(operation, clock.now());
    response.once("close", () => meter.leave(operation));

    if (!isAuthorized(request)) {
      count.unauthorized++;
      later(settings.roundTripMs, () => send(response, { status: 401, body: "" }));
      return;
    }
    const planned = planFault(faults, { operation, index }, settings.seed);
    if (planned) count.faulted++;
    if (planned?.fault.kind === "reset" && /^(before|during)-body$/.test(planned.fault.when)) {
      cutOff(request, planned.fault.when as "before-body" | "during-body");
      return;
    }
    const gate = gateOf(route);
    const verdict = gate.enter(clock.now());
    if (!verdict.allowed) {
      count.limited++;
      const seconds = String(Math.max(1, Math.ceil(verdict.retryInMs / 1000)));
      const headers = settings.retryAfter ? { "retry-after": seconds } : undefined;
      later(settings.roundTripMs, () => send(response, json(429, { error: "too many requests" }, headers)));
      return;
    }
    response.once("close", () => gate.leave());

    const delayMs = settings.roundTripMs + (planned?.fault.kind === "delay" ? planned.fault.ms : 0);
    execute(route, request, planned).then(
      (answer) =>
        later(delayMs, () => {
          if (planned) void sendSpoiled(response, planned.fault, answer);
          else send(response, answer);
        }),
      // the client went away while sending its body
      () => response.destroy(),
    );
  }

  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, handle);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, 4096, resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${settings.host}:${port}/v2`,
    key: settings.keys[0] ?? "",
    counters: () => ({
      operations: structuredClone(meter.counts),
      requests: OPERATIONS.reduce((sum, operation) => sum + meter.counts[operation].requests, 0),
      accepted: provider.queue.ledger.size,
      completed: provider.queue.completed,
      statusTold: { ...provider.told },
      webhooks: { ...provider.webhooks.counts },
    }),
    jobs: () => [...provider.queue.ledger.values()],
    duplicates: () => {
      const seen = new Map<string, number>();
      for (const { marker } of provider.queue.ledger.values())
        if (marker !== undefined) seen.set(marker, (seen.get(marker) ?? 0) + 1);
      return new Map([...seen].filter(([, times]) => times > 1));
    },
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    completedAt: (id) => provider.queue.ledger.get(id)?.completedAt,
    finishAll: () => provider.queue.finishAll(),
    setWorkers: (workers) => provider.queue.setWorkers(workers),
    forget: (id) => {
      const job = provider.queue.ledger.get(id);
      if (job) job.forgotten = true;
    },
    revokeKey: (key = settings.keys[0]) => void (key !== undefined && revoked.add(key)),
    restoreKey: (key = settings.keys[0]) => void (key !== undefined && revoked.delete(key)),
    setFaults: (rules) => {
      faults = rules;
    },
    on: provider.queue.on.bind(provider.queue),
    close: () => {
      provider.stop();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
