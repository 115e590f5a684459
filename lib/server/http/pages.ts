import type { RequestListener, Server } from "node:http";
import path from "node:path";
import next from "next";
import { log } from "@/lib/kernel/log";
import { refuse } from "@/lib/server/http/refuse";

/** Next, loading in the background: the first page waits for it, machine paths do not. */
export function createPages({ dev, server }: { dev: boolean; server: Server }): { handle: RequestListener } {
  const app = next({
    dev,
    dir: path.resolve(import.meta.dirname, "../../.."),
    httpServer: server,
    quiet: !dev,
  });
  const ready = app.prepare().then(() => app.getRequestHandler());
  ready.catch((error) => log.error({ err: error }, "the pages cannot be served"));
  return {
    handle: async (request, response) => {
      try {
        const handler = await ready;
        await handler(request, response);
      } catch (error) {
        log.error({ err: error }, "a page failed");
        refuse(response, "internal", "The page could not be served. The reason is in the server's log.");
      }
    },
  };
}
