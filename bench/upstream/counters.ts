import { Window } from "@/bench/upstream/limits";
import { OPERATIONS, type Operation } from "@/bench/upstream/operations";

export type OperationCount = {
  /** Every request that named this operation, refused ones included. */
  requests: number;
  /** Answered 429 by the provider's own limits (not by a fault plan). */
  limited: number;
  unauthorized: number;
  /** Requests that a fault plan spoiled. */
  faulted: number;
  /** The most requests within any one second and within any ten, in steps of 100 ms. */
  maxPerSecond: number;
  maxPerWindow: number;
  maxConcurrent: number;
};

export type Counters = {
  operations: Record<Operation, OperationCount>;
  requests: number;
  accepted: number;
  completed: number;
  /** What /status told, by the job's status; "missing" for 404. Polls that told nothing new are the cost of freshness. */
  statusTold: Record<string, number>;
  webhooks: { attempts: number; delivered: number; failed: number; dropped: number };
};

/** Counts what arrives, before any limit or fault decides about it. */
export class Meter {
  readonly counts = Object.fromEntries(
    OPERATIONS.map((operation) => [
      operation,
      {
        requests: 0,
        limited: 0,
        unauthorized: 0,
        faulted: 0,
        maxPerSecond: 0,
        maxPerWindow: 0,
        maxConcurrent: 0,
      },
    ]),
  ) as Record<Operation, OperationCount>;
  readonly #windows = new Map<Operation, Window>(OPERATIONS.map((operation) => [operation, new Window()]));
  readonly #inFlight = new Map<Operation, number>();

  /** @returns how many requests of this operation came before: the index that fault plans speak of, from 0. */
  arrive(operation: Operation, now: number): number {
    const count = this.counts[operation];
    const window = this.#windows.get(operation)!;
    window.add(now);
    count.maxPerSecond = Math.max(count.maxPerSecond, window.lastSecond(now));
    count.maxPerWindow = Math.max(count.maxPerWindow, window.sum(now));
    const inFlight = (this.#inFlight.get(operation) ?? 0) + 1;
    this.#inFlight.set(operation, inFlight);
    count.maxConcurrent = Math.max(count.maxConcurrent, inFlight);
    return count.requests++;
  }

  leave(operation: Operation): void {
    this.#inFlight.set(operation, (this.#inFlight.get(operation) ?? 1) - 1);
  }
}
