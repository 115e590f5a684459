import { db } from "@/lib/db/client";
import {
  type CircuitOperation,
  type CircuitState,
  claimProbe,
  giveProbeBack,
  readCircuits,
  reportAnswer,
  reportTrouble,
} from "@/lib/endpoints/circuit";
import type { EndpointRecord } from "@/lib/endpoints/connection";

/** When another process asks at this moment: how soon to see what came of it. */
const ASKED_BY_OTHERS_MS = 500;

/**
 * What one collector knows of an endpoint's circuits: from the survey of all lanes, and at once from what it sees itself,
 * so that neither a good poll nor a pause costs the database anything.
 */
export class Circuits {
  private known = new Map<CircuitOperation, { isOpen: boolean; retryAt: number }>();
  private changedAt = 0;

  constructor(private readonly endpoint: Pick<EndpointRecord, "id" | "workspaceId">) {}

  /** @param readAt when the question was asked (`performance.now()`): what was seen here since then is newer. */
  take(states: readonly CircuitState[], readAt: number): void {
    if (readAt < this.changedAt) return;
    const now = performance.now();
    this.known = new Map(
      states.map(({ operation, openedAt, retryInMs }) => [
        operation,
        { isOpen: openedAt !== null, retryAt: now + retryInMs },
      ]),
    );
  }

  isOpen(operation: CircuitOperation): boolean {
    return this.known.get(operation)?.isOpen ?? false;
  }

  /** Whether it is on this process, and on no other, to ask once. */
  async mayProbe(operation: CircuitOperation): Promise<boolean> {
    const circuit = this.known.get(operation);
    if (!circuit || performance.now() < circuit.retryAt) return false;
    if (await claimProbe(db(), this.endpoint.id, operation)) return true;
    circuit.retryAt = performance.now() + ASKED_BY_OTHERS_MS;
    return false;
  }

  /** There was nothing to ask with; the next look may ask. */
  giveBack(operation: CircuitOperation): Promise<void> {
    return giveProbeBack(db(), this.endpoint.id, operation);
  }

  async answered(operation: CircuitOperation): Promise<void> {
    if (!this.known.has(operation)) return;
    this.forget(operation);
    await reportAnswer(db(), this.endpoint.id, operation);
  }

  async failed(operation: CircuitOperation, trouble: Parameters<typeof reportTrouble>[3]): Promise<void> {
    await reportTrouble(db(), this.endpoint, operation, trouble);
    await this.refresh();
  }

  /** Somebody else has written down what came of a request of ours. */
  async refresh(): Promise<void> {
    const readAt = performance.now();
    const states = await readCircuits(db(), [this.endpoint.id]);
    this.take(states, readAt);
    this.changedAt = Math.max(this.changedAt, readAt);
  }

  forget(operation: CircuitOperation): void {
    this.known.delete(operation);
    this.changedAt = performance.now();
  }
}
