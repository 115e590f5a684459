import { env } from "@/lib/kernel/env";
import { closeLocalEndpoint } from "@/lib/local-endpoint/http";
import { refuse } from "@/lib/server/http/refuse";
import { createWebServer } from "@/lib/server/http/server";
import { finish, listen } from "@/lib/server/listen";
import { runRole } from "@/lib/server/roles/run-role";

/** The web role as it is, but for the pages: nothing here opens one, and Next is most of what a start costs. */
await runRole(async () => {
  const server = await createWebServer({
    dev: false,
    pages: () => ({ handle: (_request, response) => refuse(response, "not_found", "There are no pages.") }),
  });
  await listen(server, env());
  return {
    async stop() {
      await closeLocalEndpoint();
      await finish(server);
    },
  };
});
