import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** One request as it came over the wire. `body` is its text. */
export type Heard = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
/** Answers one request; may break the connection instead. */
export type Script = (request: Heard, response: ServerResponse) => unknown;

export type ScriptedServer = {
  origin: string;
  /** Everything that was asked, in order. */
  heard: Heard[];
  /** What the next requests get. */
  script(next: Script): void;
  close(): Promise<void>;
};

/** An HTTP server on loopback that does what a test says, the misbehaviour included. */
export async function scriptedServer(first: Script = says(404, "")): Promise<ScriptedServer> {
  const heard: Heard[] = [];
  let current = first;
  const server = createServer((request: IncomingMessage, response) => {
    const { method = "", url = "", headers } = request;
    // A client that hangs up in the middle is part of some scripts.
    void text(request).then(
      (body) => {
        const asked = { method, path: url, headers, body };
        heard.push(asked);
        return current(asked, response);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    script(next) {
      current = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same plain answer to everything. A body that is no string is sent as JSON. */
export const says =
  (status: number, body: unknown, headers: Record<string, string> = {}): Script =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
