import type { ServerResponse } from "node:http";
import { type ErrorCode, HTTP_STATUS } from "@/lib/kernel/errors";

/** Answer in front of everything else, and hang up: the rest of such a request is not worth reading. */
export function refuse(response: ServerResponse, code: ErrorCode, message: string, status?: number): void {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify({ error: { code, message } });
  response.writeHead(status ?? HTTP_STATUS[code], {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  response.end(body);
}
