import { once } from "node:events";
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@/lib/kernel/errors";

const PROBLEMS: Record<string, string | undefined> = {
  EADDRINUSE: "another program uses this port. Stop it, or set PORT to another one",
  EACCES: "this user may not use this port. Set PORT to 1024 or more",
  EADDRNOTAVAIL: "this machine does not have that address. Set HOST to one of its own, or to 0.0.0.0 for all",
  ENOTFOUND: "HOST is not a name that this machine knows",
};

/**
 * Listen, or say in words why not. A busy port is tried for a second, because a predecessor that was killed may still be
 * giving it up.
 * @throws AppError `invalid`
 */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      server.listen({ host, port });
      await once(server, "listening");
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (code === "EADDRINUSE" && attempt < 10) {
        await sleep(100);
        continue;
      }
      if (!PROBLEMS[code]) throw error;
      throw new AppError("invalid", `Cannot listen on ${host} port ${port}: ${PROBLEMS[code]}.`, {
        cause: error,
      });
    }
  }
}

/** Take nothing new and resolve when everything that is open has ended; who must not wait for ever sets the limit. */
export async function finish(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // Connections kept alive become idle one by one as their requests end.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(sweep);
}
