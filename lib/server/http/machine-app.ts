import { Hono } from "hono";
import { auth } from "@/lib/auth/auth";
import { AppError } from "@/lib/kernel/errors";
import { localEndpointApp } from "@/lib/local-endpoint/http";
import { apiRoutes } from "@/lib/server/http/api-routes";
import { errorResponse, limitBody, mountRoutes, openApiDocument } from "@/lib/server/http/define-route";
import { healthApp } from "@/lib/server/http/health";
import { hooksApp } from "@/lib/webhooks/http";

/** What of better-auth is reachable from outside: everything else it can do goes through our own actions. */
const AUTH_PATHS = ["/api/auth/sign-in/email", "/api/auth/sign-out"] as const;

/** An address and a password; strangers send these. */
const AUTH_BODY_MAX_BYTES = 8 * 1024;

/** All machine paths on one native app: one file per face. */
export function machineApp(): Hono {
  const app = new Hono();
  app.route("/", healthApp());
  app.route("/hooks", hooksApp());
  app.route("/local/v2", localEndpointApp());
  for (const path of AUTH_PATHS)
    app.post(path, limitBody(AUTH_BODY_MAX_BYTES), (c) => auth().handler(c.req.raw));
  mountRoutes(app, apiRoutes);
  // Made once: anybody may ask for it, as often as they like.
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.get("/api/openapi.json", (c) => {
    document ??= openApiDocument(apiRoutes, "1");
    return c.json(document);
  });
  app.notFound((c) => errorResponse(c, new AppError("not_found", "There is nothing at this address.")));
  app.onError((error, c) => errorResponse(c, error));
  return app;
}
