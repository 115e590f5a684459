/**
 * A place where a fault test may kill this process, as `kill -9` would. Only ever active outside of production:
 * JOBDECK_FAILPOINT=<name> dies at the first pass, <name>:<n> at the n-th.
 */
let passes = 0;

export function failpoint(name: string): void {
  const wanted = process.env.JOBDECK_FAILPOINT;
  if (wanted === undefined || process.env.NODE_ENV === "production") return;
  const [point, count = "1"] = wanted.split(":");
  if (point === name && ++passes >= Number(count)) process.kill(process.pid, "SIGKILL");
}
