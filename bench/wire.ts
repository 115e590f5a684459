import { once } from "node:events";
import { connect, type Socket } from "node:net";

export type Exchange = {
  status: number;
  /** Bytes that the server put on the wire: status line, headers and body. */
  bytes: number;
  body: string;
};

/** One keep-alive connection that counts every byte. Knows answers with Content-Length only. */
export class Wire {
  readonly #socket: Socket;
  readonly #host: string;
  #buffer = Buffer.alloc(0);

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
  }

  static async to(url: string): Promise<Wire> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    return new Wire(socket, host);
  }

  async get(path: string, headers: Record<string, string>): Promise<Exchange> {
    const lines = Object.entries({ host: this.#host, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    for (;;) {
      const end = this.#buffer.indexOf("\r\n\r\n");
      if (end >= 0) {
        const head = this.#buffer.subarray(0, end).toString("latin1");
        const length = /^content-length: (\d+)/im.exec(head);
        if (!length) throw new Error(`no Content-Length in the answer to ${path}:\n${head}`);
        const bytes = end + 4 + Number(length[1]);
        if (this.#buffer.length >= bytes) {
          const body = this.#buffer.subarray(end + 4, bytes).toString();
          this.#buffer = this.#buffer.subarray(bytes);
          return { status: Number(head.split(" ")[1]), bytes, body };
        }
      }
      const [part] = (await once(this.#socket, "data")) as [Buffer];
      this.#buffer = Buffer.concat([this.#buffer, part]);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
