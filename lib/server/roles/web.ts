import { env } from "@/lib/kernel/env";
import { closeLocalEndpoint } from "@/lib/local-endpoint/http";
import { createWebServer } from "@/lib/server/http/server";
import { finish, listen } from "@/lib/server/listen";
import { runRole } from "@/lib/server/roles/run-role";

await runRole(async () => {
  const server = await createWebServer({ dev: process.env.NODE_ENV === "development" });
  await listen(server, env());
  return {
    async stop() {
      await closeLocalEndpoint(); // ends the held long polls, which a closing server would wait for
      await finish(server);
    },
  };
});
