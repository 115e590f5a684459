import { Hono } from "hono";
import { AppError } from "@/lib/kernel/errors";
import { defaultDeps, type LocalEndpointDeps } from "@/lib/local-endpoint/deps";
import { mountJobApi } from "@/lib/local-endpoint/job-api";
import { errorReply } from "@/lib/local-endpoint/reply";
import { wakeHub } from "@/lib/local-endpoint/wake";
import { mountWorkerApi } from "@/lib/local-endpoint/worker-api";

/** Where the app is mounted. Behind it follow `/{endpoint name}/{operation}`, as with the platform's `/v2`. */
export const LOCAL_BASE_PATH = "/local/v2";

/** Jobdeck's own endpoints over HTTP; mount it at {@link LOCAL_BASE_PATH}. */
export function localEndpointApp(deps: Partial<LocalEndpointDeps> = {}): Hono {
  const app = new Hono();
  const all = { ...defaultDeps, ...deps };
  mountJobApi(app, all);
  mountWorkerApi(app, all);
  // Not `notFound`: that one is lost when an app is mounted into another.
  app.all("*", (c) => errorReply(c, new AppError("not_found", "There is no such operation.")));
  app.onError((error, c) => errorReply(c, error));
  return app;
}

/** At shutdown: held polls are answered at once (204, or the job as it is) and the LISTEN connection is closed. */
export const closeLocalEndpoint = (): Promise<void> => wakeHub().close();
