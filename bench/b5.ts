/**
 * B5: bytes that an open but idle jobs page costs per tick, counted on the wire (status line, headers and body of the
 * answer), against fetching the same 50 rows anew. Both alternate on one connection to the running product, over jobs that
 * its own sample worker has finished. Pass: at most 350 bytes; aim 220 and 40 times fewer. `ratio` is how many times fewer.
 * That a hidden tab asks nothing is proved in the browser tests.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { startProduct } from "@/bench/product";
import { alternate, type Bench, type BenchResult, median, round, spread } from "@/bench/report";
import { Wire } from "@/bench/wire";

const ROWS = 50;
const PASS_BYTES = 350;
const AIM_BYTES = 220;
const AIM_FEWER = 40;
const SETTLE_LIMIT_MS = 120_000;

const page = z.looseObject({ rev: z.number(), jobs: z.array(z.looseObject({ status: z.string() })) });
const endpoints = z.object({
  endpoints: z.array(z.looseObject({ id: z.string(), sample: z.string().nullable() })),
});

async function run({ rounds }: { rounds: number }): Promise<BenchResult[]> {
  const product = await startProduct();
  try {
    const list = await product.get("/endpoints", endpoints);
    const endpointId = list.endpoints.find(({ sample }) => sample === "sample-text")?.id;
    for (let n = 0; n < ROWS; n++)
      await product.post("/jobs", {
        clientKey: randomUUID(),
        endpointId,
        request: { inputText: JSON.stringify({ prompt: `The lazy brown fox ${n}`, max_tokens: 5 }) },
      });
    let rev = -1;
    for (const deadline = Date.now() + SETTLE_LIMIT_MS; ; await sleep(1000)) {
      const now = await product.get(`/jobs?limit=${ROWS}`, page);
      if (
        now.jobs.length === ROWS &&
        now.jobs.every(({ status }) => status === "COMPLETED") &&
        now.rev === rev
      )
        break;
      if (Date.now() > deadline)
        throw new Error(`the ${ROWS} jobs were not over after ${SETTLE_LIMIT_MS / 1000} s`);
      rev = now.rev;
    }
    const wire = await Wire.to(product.server.url);
    const bytesOf = (tail: string) => async () => {
      const { status, bytes } = await wire.get(`${product.api}${tail}`, {
        cookie: product.cookie,
        accept: "*/*",
      });
      if (status !== 200) throw new Error(`${tail} answered ${status}`);
      return bytes;
    };
    const pairs = await alternate(
      rounds,
      bytesOf(`/jobs/changes?since=${rev}`),
      bytesOf(`/jobs?limit=${ROWS}`),
    );
    const { body } = await wire.get(`${product.api}/jobs/changes?since=${rev}`, { cookie: product.cookie });
    wire.close();
    const tick = median(pairs.map((pair) => pair.product));
    const fewer = pairs.map((pair) => pair.peer / pair.product);
    return [
      {
        bench: "B5",
        ratio: round(median(fewer), 1),
        target: PASS_BYTES,
        pass: tick <= PASS_BYTES,
        detail: {
          bytesPerIdleTick: tick,
          bodyBytes: Buffer.byteLength(body),
          refetchBytes: median(pairs.map((pair) => pair.peer)),
          aim: { bytes: AIM_BYTES, timesFewer: AIM_FEWER },
          aimMet: tick <= AIM_BYTES && median(fewer) >= AIM_FEWER,
          rounds,
          timesFewer: spread(fewer),
        },
      },
    ];
  } finally {
    await product.stop();
  }
}

export const b5: Bench = { name: "B5", run };
