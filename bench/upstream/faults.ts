import type { Operation } from "@/bench/upstream/operations";
import { uniform } from "@/bench/upstream/random";

/**
 * What goes wrong with one request. Words about time: "before-body" and "during-body" speak of the request's body, so
 * the provider has accepted nothing; "after-body" means that it has read and carried out everything and answers no byte;
 * "during-reply" stops within the answer.
 */
export type Fault =
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: string }
  | { kind: "delay"; ms: number }
  | { kind: "reset"; when: "before-body" | "during-body" | "after-body" | "during-reply" }
  /** Half of the answer under the whole one's Content-Length, then a polite end of the connection. */
  | { kind: "truncate" }
  /** One byte of the real answer each `msPerByte`. */
  | { kind: "drip"; msPerByte: number }
  | { kind: "garbage" }
  | { kind: "html"; status?: number }
  | { kind: "empty-object" }
  | { kind: "body"; status?: number; body: string }
  /** The real answer with some of its fields changed; one whose value is undefined is left out. */
  | { kind: "fields"; fields: Record<string, unknown> }
  /** The real answer with an `output` of this many bytes. */
  | { kind: "huge"; bytes: number }
  | { kind: "deep"; depth: number }
  /** `bytes` of zeros as they stand after decompression; a few kB per MB on the wire. */
  | { kind: "gzip-bomb"; bytes: number }
  | { kind: "never" };

/**
 * `executed` tells whether the operation is carried out in spite of the fault. Left out, it follows the fault: not for
 * `status` and for resets before the body's end, carried out for everything else.
 */
export type FaultRule = {
  operation?: Operation;
  /** The n-th request of its operation, from 0; a pair is [first, last], both included. */
  index?: number | readonly [first: number, last: number];
  /** Share of the requests that match, drawn by seed and index. */
  probability?: number;
  fault: Fault;
  executed?: boolean;
};

export type PlannedFault = { fault: Fault; executed: boolean };

const ignoredByDefault = (fault: Fault): boolean =>
  fault.kind === "status" ||
  (fault.kind === "reset" && (fault.when === "before-body" || fault.when === "during-body"));

/** The first rule that matches decides. */
export function planFault(
  rules: readonly FaultRule[],
  request: { operation: Operation; index: number },
  seed: number,
): PlannedFault | undefined {
  for (const [position, rule] of rules.entries()) {
    if (rule.operation !== undefined && rule.operation !== request.operation) continue;
    if (rule.index !== undefined) {
      const [first, last] = typeof rule.index === "number" ? [rule.index, rule.index] : rule.index;
      if (request.index < first || request.index > last) continue;
    }
    if (rule.probability !== undefined && uniform(seed + position * 7919, request.index) >= rule.probability)
      continue;
    return { fault: rule.fault, executed: rule.executed ?? !ignoredByDefault(rule.fault) };
  }
  return undefined;
}
