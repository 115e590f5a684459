import type { RequestListener, Server } from "node:http";
import path from "node:path";
import { log } from "@/lib/kernel/log";
import { refuse } from "@/lib/server/http/refuse";

/** Serves the pages; others in tests that need none. */
export type CreatePages = (options: { dev: boolean; server: Server }) => { handle: RequestListener };

/** Next, loading in the background: the first page waits for it, machine paths do not. */
export const createPages: CreatePages = ({ dev, server }) => {
  // Its import alone takes longer than everything that the machine paths need.
  const ready = import("next").then(async ({ default: next }) => {
    const app = next({
      dev,
      dir: path.resolve(import.meta.dirname, "../../.."),
      httpServer: server,
      quiet: !dev,
    });
    await app.prepare();
    return app.getRequestHandler();
  });
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
};
