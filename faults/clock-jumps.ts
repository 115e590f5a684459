/**
 * Loaded before anything else of a process (`node --import`): its wall clock jumps. FAULT_CLOCK_MINUTES is a list of
 * offsets, one after the other, every FAULT_CLOCK_EVERY_MS; the first one holds from the start. The monotonic clock and
 * timers go on as they do when somebody sets a machine's clock. Each jump is told to the parent.
 */
const RealDate = Date;
const offsets = (process.env.FAULT_CLOCK_MINUTES ?? "0")
  .split(",")
  .map((minutes) => Number(minutes) * 60_000);
let turn = 0;
const now = (): number => RealDate.now() + offsets[turn % offsets.length]!;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});

setInterval(() => {
  turn++;
  process.send?.({ type: "clock", aheadMs: Date.now() - RealDate.now() });
}, Number(process.env.FAULT_CLOCK_EVERY_MS)).unref();
