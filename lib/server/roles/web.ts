import { env } from "@/lib/kernel/env";
import { createWebServer } from "@/lib/server/http/server";
import { finish, listen } from "@/lib/server/listen";
import { runRole } from "@/lib/server/roles/run-role";

await runRole(async () => {
  const server = await createWebServer({ dev: process.env.NODE_ENV === "development" });
  await listen(server, env());
  return { stop: () => finish(server) };
});
