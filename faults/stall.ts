import { fileURLToPath } from "node:url";
import type { Program } from "@/faults/role";

export type Stall = {
  /** The longest that the event loop stood still while the process itself was at work, no longer than that work took. */
  busyMs: number;
  /** The longest at all, and the 99th percentile, by monitorEventLoopDelay: other programs' doing is in them. */
  loopMs: number;
  loopP99Ms: number;
  peakRssMb: number;
};

/** Settings of a process that measures itself. */
export const measured = {
  NODE_OPTIONS: `--import=${fileURLToPath(new URL("./stall-meter.mjs", import.meta.url))}`,
};

/** The worst since this was asked last. */
export function askStall({ child }: Program): Promise<Stall> {
  return new Promise((resolve, reject) => {
    const hear = (message: unknown) => {
      const said = message as { type?: unknown } & Stall;
      if (said.type !== "stall") return;
      child.off("message", hear);
      const { busyMs, loopMs, loopP99Ms, peakRssMb } = said;
      resolve({ busyMs, loopMs, loopP99Ms, peakRssMb });
    };
    child.on("message", hear);
    child.send({ type: "stall?" }, (error) => error && reject(error));
  });
}
