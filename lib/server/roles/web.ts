import { once } from "node:events";
import type { Server } from "node:http";
import { env } from "@/lib/kernel/env";
import { AppError } from "@/lib/kernel/errors";
import { closeLocalEndpoint } from "@/lib/local-endpoint/http";
import { createWebServer } from "@/lib/server/http/server";
import { runRole } from "@/lib/server/roles/run-role";

/** A port that was just given up by our predecessor can be busy for a moment. */
const PORT_ATTEMPTS = 10;

await runRole(async () => {
  const server = await createWebServer({ dev: process.env.NODE_ENV === "development" });
  await listen(server);
  return {
    stop: async () => {
      closeLocalEndpoint(); // else its long polls would hold the door open
      await finish(server);
    },
  };
});

async function listen(server: Server): Promise<void> {
  const { host, port } = env();
  for (let attempt = 1; ; attempt++) {
    try {
      server.listen({ host, port });
      await once(server, "listening");
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EADDRINUSE" && attempt < PORT_ATTEMPTS) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      const problem = LISTEN_PROBLEMS[code ?? ""];
      if (!problem) throw error;
      throw new AppError("invalid", `Cannot listen on ${host} port ${port}: ${problem}.`, { cause: error });
    }
  }
}

const LISTEN_PROBLEMS: Record<string, string | undefined> = {
  EADDRINUSE: "another program uses this port. Stop it, or set PORT to another one",
  EACCES: "this user may not use this port. Set PORT to 1024 or more",
  EADDRNOTAVAIL: "this machine does not have that address. Set HOST to one of its own, or to 0.0.0.0 for all",
  ENOTFOUND: "HOST is not a name that this machine knows",
};

/** Take nothing new, let what is open end; who is still open after 3 s is cut off by the exit. */
async function finish(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // Connections kept alive become idle one by one as their requests end.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(sweep);
}
