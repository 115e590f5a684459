import { startWorkerProcess } from "@/lib/local-endpoint/worker-process";

/** A stand-in for a collector that dies: starts a worker, says its pid and waits to be killed. */
const [origin = ""] = process.argv.slice(2);
const entry = "workers/sample-text/main.ts";
const worker = startWorkerProcess({ id: "orphan", entry, name: "nobody", origin, workerKey: "none" });
process.send?.(worker.pid);
setInterval(() => {}, 1000);
