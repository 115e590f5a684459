import { readFileSync } from "node:fs";
import { createTextHandler } from "@/lib/local-endpoint/workers/sample-text/handler";
import { trainNgramModel } from "@/lib/local-endpoint/workers/sample-text/ngram-model";
import { startWorker } from "@/lib/local-endpoint/workers/start-worker";

const corpus = readFileSync(new URL("./corpus.txt", import.meta.url), "utf8");

// Jobs mostly wait for their pace, so one process serves several at once.
await startWorker(createTextHandler(trainNgramModel(corpus)), { concurrency: 8 });
