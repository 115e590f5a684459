import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Fault } from "@/bench/upstream/faults";

export type Answer = { status: number; body: string; headers?: Record<string, string> };

export const json = (status: number, value: unknown, headers?: Record<string, string>): Answer => ({
  status,
  body: JSON.stringify(value),
  ...(headers && { headers }),
});

export function send(response: ServerResponse, answer: Answer, type = "application/json"): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    "content-type": type,
    "content-length": Buffer.byteLength(answer.body),
    ...answer.headers,
  });
  response.end(answer.body);
}

/** Writes `bytes` in pieces, waiting for the reader, so that the upstream itself stays small. */
async function pour(stream: Writable, bytes: number, fill: string): Promise<void> {
  const piece = fill.repeat(65_536);
  for (let left = bytes; left > 0; left -= piece.length) {
    if (stream.destroyed) return;
    if (stream.write(left >= piece.length ? piece : piece.slice(0, left))) continue;
    const waiting = new AbortController();
    const { signal } = waiting;
    // a reader that left is no error here: the loop sees the destroyed stream
    await Promise.race([once(stream, "drain", { signal }), once(stream, "close", { signal })]).catch(
      () => undefined,
    );
    waiting.abort();
  }
}

/** An object's text up to its last brace, so that a member can be put behind. */
const withoutOutput = (answer: Answer): string =>
  JSON.stringify({ ...JSON.parse(answer.body), output: undefined }).slice(0, -1);

const closesHalfWay = (answer: Answer): Buffer => {
  const whole = Buffer.from(answer.body);
  return whole.subarray(0, Math.ceil(whole.length / 2));
};

/** Gives the answer as the fault spoils it. `delay` is not here: it ends with the plain answer. */
export async function sendSpoiled(response: ServerResponse, fault: Fault, answer: Answer): Promise<void> {
  const start = (length: number | undefined, headers: Record<string, string> = {}) =>
    response.writeHead(answer.status, {
      "content-type": "application/json",
      ...(length !== undefined && { "content-length": length }),
      ...headers,
    });
  const whole = Buffer.byteLength(answer.body);
  switch (fault.kind) {
    case "delay":
      return send(response, answer);
    case "never":
      return;
    case "status":
      return send(response, {
        status: fault.status,
        body: fault.body ?? JSON.stringify({ error: `planned ${fault.status}` }),
        ...(fault.headers && { headers: fault.headers }),
      });
    case "reset":
      if (fault.when !== "during-reply") return void response.socket?.resetAndDestroy();
      start(whole);
      return void response.write(closesHalfWay(answer), () => response.socket?.resetAndDestroy());
    case "truncate":
      start(whole);
      return void response.write(closesHalfWay(answer), () => response.socket?.end());
    case "drip": {
      start(whole);
      for (const byte of Buffer.from(answer.body)) {
        if (response.destroyed) return;
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setTimeout(resolve, fault.msPerByte));
      }
      return void response.end();
    }
    case "garbage":
      return send(response, { status: 200, body: '{"id": "\u0000\ufffd}}]]<<not json' });
    case "html":
      return send(
        response,
        {
          status: fault.status ?? 502,
          body: "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>",
        },
        "text/html",
      );
    case "empty-object":
      return send(response, { status: 200, body: "{}" });
    case "body":
      return send(response, { status: fault.status ?? 200, body: fault.body });
    case "fields":
      return send(response, json(answer.status, { ...JSON.parse(answer.body), ...fault.fields }));
    case "huge": {
      const head = `${withoutOutput(answer)},"output":"`;
      start(Buffer.byteLength(head) + fault.bytes + 2);
      response.write(head);
      await pour(response, fault.bytes, "x");
      return void response.end('"}');
    }
    case "deep": {
      const head = `${withoutOutput(answer)},"output":`;
      start(Buffer.byteLength(head) + 2 * fault.depth + 1);
      response.write(head);
      await pour(response, fault.depth, "[");
      await pour(response, fault.depth, "]");
      return void response.end("}");
    }
    case "gzip-bomb": {
      start(undefined, { "content-encoding": "gzip" });
      const gzip = createGzip({ level: 9 });
      gzip.pipe(response);
      response.once("close", () => gzip.destroy());
      gzip.on("error", () => response.destroy());
      gzip.write(`${withoutOutput(answer)},"output":"`);
      await pour(gzip, fault.bytes, "0");
      return void gzip.end('"}');
    }
  }
}
