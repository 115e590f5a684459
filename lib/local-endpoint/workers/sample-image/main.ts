import { renderImage } from "@/lib/local-endpoint/workers/sample-image/handler";
import { startWorker } from "@/lib/local-endpoint/workers/start-worker";

await startWorker(renderImage);
