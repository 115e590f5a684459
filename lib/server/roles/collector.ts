import { startCollector } from "@/lib/collector/runner";
import { runRole } from "@/lib/server/roles/run-role";

await runRole(startCollector);
