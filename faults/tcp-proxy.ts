import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";

/**
 * What happens to connections. It holds for those that are open as well as for new ones, until the next `set`.
 * - `clear`: bytes pass as they come.
 * - `reset`: open connections are reset, and each new one as soon as it is made (a server that is down).
 * - `half-open`: connections are accepted and nothing ever passes, in neither direction (a host that lost its power).
 * - `latency`: each piece waits `ms`, on the way there and on the way back.
 * - `drip`: on the way back, `bytes` every `everyMs`.
 * - `cut`: reset once `afterBytes` have come back since it was set or, for later ones, since the connection was made.
 */
export type Weather =
  | { kind: "clear" | "reset" | "half-open" }
  | { kind: "latency"; ms: number }
  | { kind: "drip"; bytes: number; everyMs: number }
  | { kind: "cut"; afterBytes: number };

export type TcpProxy = {
  port: number;
  set(weather: Weather): void;
  /** How many connections were made, and how many of them were really spoiled by each kind of weather. */
  counts(): { connections: number; spoiled: Record<Exclude<Weather["kind"], "clear">, number> };
  close(): Promise<void>;
};

type Pair = { near: Socket; far: Socket; cutAfter: number; spoiledBy: Set<Weather["kind"]> };

/** A TCP proxy on a loopback port in front of a server (a port or a unix socket) whose connections go wrong as told. */
export async function startTcpProxy(target: NetConnectOpts): Promise<TcpProxy> {
  let weather: Weather = { kind: "clear" };
  const pairs = new Set<Pair>();
  const spoiled = { reset: 0, "half-open": 0, latency: 0, drip: 0, cut: 0 };
  let connections = 0;

  const spoil = (pair: Pair): void => {
    if (weather.kind === "clear" || pair.spoiledBy.has(weather.kind)) return;
    pair.spoiledBy.add(weather.kind);
    spoiled[weather.kind]++;
  };
  const reset = (pair: Pair): void => {
    spoil(pair);
    pair.near.resetAndDestroy();
    pair.far.destroy();
  };

  /** Piece by piece, in order: the next one is read when this one is through, so that nothing piles up. */
  async function carry(pair: Pair, from: Socket, to: Socket, isBack: boolean): Promise<void> {
    for await (const piece of from.iterator({ destroyOnReturn: false })) {
      let rest: Buffer = piece;
      while (rest.length > 0) {
        while (weather.kind === "half-open" && !from.destroyed) {
          spoil(pair);
          await pause(20);
        }
        if (weather.kind === "latency") {
          spoil(pair);
          await pause(weather.ms);
        }
        let length = rest.length;
        if (isBack && weather.kind === "drip") {
          spoil(pair);
          length = Math.min(length, weather.bytes);
          await pause(weather.everyMs);
        }
        if (isBack && weather.kind === "cut") length = Math.min(length, pair.cutAfter);
        if (!to.destroyed && length > 0 && !to.write(rest.subarray(0, length))) await drained(to);
        rest = rest.subarray(length);
        if (!isBack || weather.kind !== "cut") continue;
        pair.cutAfter -= length;
        if (pair.cutAfter <= 0) return reset(pair);
      }
    }
    to.end();
  }

  // Half-closed is a state of its own: who has said everything may still be listening.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    connections++;
    const far = connect({ ...target, allowHalfOpen: true } as NetConnectOpts);
    const pair: Pair = { near, far, cutAfter: limitOf(weather), spoiledBy: new Set() };
    pairs.add(pair);
    for (const socket of [near, far]) {
      socket.on("error", () => {}); // the other side hears of it by `close`
      socket.on("close", () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    if (weather.kind === "reset") return reset(pair);
    for (const [from, to, isBack] of [
      [near, far, false],
      [far, near, true],
    ] as const)
      carry(pair, from, to, isBack).catch(() => reset(pair)); // iterating ends by an error when a socket dies
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");

  return {
    port: address.port,
    set(next) {
      weather = next;
      for (const pair of pairs) {
        pair.cutAfter = limitOf(next);
        if (next.kind === "reset") reset(pair);
      }
    },
    counts: () => ({ connections, spoiled: { ...spoiled } }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { near, far } of pairs) for (const socket of [near, far]) socket.destroy();
      await closed;
    },
  };
}

const limitOf = (weather: Weather): number =>
  weather.kind === "cut" ? weather.afterBytes : Number.POSITIVE_INFINITY;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const drained = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", () => resolve());
  });
