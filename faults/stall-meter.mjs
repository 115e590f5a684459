// Loaded before anything else of a process (`node --import`): measures how long its event loop stands still, and how much
// memory it takes. Asked by its parent, it answers what was the worst since it was asked last.
import { monitorEventLoopDelay } from "node:perf_hooks";

const EVERY_MS = 5;
const delay = monitorEventLoopDelay({ resolution: EVERY_MS });
delay.enable();

let lastAt = performance.now();
let lastCpu = process.cpuUsage();
let busyMs = 0;
let peakRss = 0;

setInterval(() => {
  const now = performance.now();
  const cpu = process.cpuUsage();
  const cpuMs = (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1000;
  // A process that others keep from the processor stands still, too, but that is not its doing.
  busyMs = Math.max(busyMs, Math.min(now - lastAt - EVERY_MS, cpuMs));
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
  lastAt = now;
  lastCpu = cpu;
}, EVERY_MS).unref();

process.on("message", (message) => {
  if (/** @type {{ type?: unknown } | null} */ (message)?.type !== "stall?") return;
  process.send?.({
    type: "stall",
    busyMs,
    loopMs: delay.max / 1e6,
    loopP99Ms: delay.percentile(99) / 1e6,
    peakRssMb: peakRss / 1024 / 1024,
  });
  busyMs = 0;
  peakRss = process.memoryUsage.rss();
  delay.reset();
});
