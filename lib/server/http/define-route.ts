import { OpenAPIHono } from "@hono/zod-openapi";
import type { Hono, Context as HonoContext } from "hono";
import { bodyLimit } from "hono/body-limit";
import { routePath } from "hono/route";
import type { z } from "zod";
import { type Context, requireContext } from "@/lib/auth/context";
import { parseInput } from "@/lib/auth/define-action";
import type { Permission } from "@/lib/auth/permissions";
import { AppError, HTTP_STATUS, toPublicError } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";
import { findJsonExcess } from "@/lib/requests/json-excess";

const DEFAULT_BODY_MAX_BYTES = 64 * 1024;

/** An HTTP route as a row: permission, schemas in, service call, schema out. */
export type Route = {
  method: "get" | "post";
  /** OpenAPI style, below `/api/w/{workspace}`, for example `/jobs/{id}`. */
  path: string;
  permission: Permission;
  summary: string;
  params: z.ZodObject;
  query: z.ZodObject;
  body?: z.ZodType;
  response?: z.ZodType;
  maxBodyBytes?: number;
  /** Returns the JSON answer, or a Response of its own (then `response` is absent). */
  run: (
    ctx: Context,
    input: { params: unknown; query: unknown; body: unknown; headers: Headers; method: string },
  ) => Promise<unknown>;
};

export function defineRoute<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType | undefined,
  R extends z.ZodType | undefined,
>(route: {
  method: Route["method"];
  path: string;
  permission: Permission;
  summary: string;
  params: P;
  query: Q;
  body?: B;
  response?: R;
  maxBodyBytes?: number;
  run: (
    ctx: Context,
    input: {
      params: z.output<P>;
      query: z.output<Q>;
      body: B extends z.ZodType ? z.output<B> : undefined;
      headers: Headers;
      /** GET rows are asked with HEAD, too. */
      method: string;
    },
  ) => Promise<R extends z.ZodType ? z.input<R> : Response>;
}): Route {
  // The schemas above are what `run` was checked against; the list of rows does not need their types.
  return route as unknown as Route;
}

export function errorResponse(c: HonoContext, error: unknown): Response {
  const shown = toPublicError(error);
  // The pattern, never the path: that of a webhook holds its token.
  if (!(error instanceof AppError)) log.error({ err: error, route: routePath(c) }, "a route failed");
  if (shown.retryAfterMs !== undefined) c.header("retry-after", String(Math.ceil(shown.retryAfterMs / 1000)));
  return c.json({ error: shown }, HTTP_STATUS[shown.code]);
}

/** Refuses larger bodies; one that does not say its length is collected up to the limit. */
export const limitBody = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: (c) =>
      errorResponse(c, new AppError("too_large", "The request body is larger than this path allows.")),
  });

/** Mount rows under `/api/w/{workspace}`. Permission before parsing, parsing before work. */
export function mountRoutes(app: Hono, routes: readonly Route[]): void {
  for (const route of routes) {
    const path = `/api/w/{workspace}${route.path}`.replace(/\{(\w+)\}/g, ":$1");
    const limit = limitBody(route.maxBodyBytes ?? DEFAULT_BODY_MAX_BYTES);
    app.on(route.method.toUpperCase(), path, async (c) => {
      try {
        const ctx = await requireContext(c.req.raw.headers, c.req.param("workspace") ?? "", route.permission);
        // Only now: strangers must not make us collect their bodies.
        const tooLarge = await limit(c, async () => {});
        if (tooLarge) return tooLarge;
        const params = parseInput(route.params, c.req.param());
        const query = parseInput(route.query, c.req.query());
        const body = route.body ? parseInput(route.body, await readJson(c)) : undefined;
        const answer = await route.run(ctx, {
          params,
          query,
          body,
          headers: c.req.raw.headers,
          method: c.req.method,
        });
        return answer instanceof Response ? answer : c.json(answer as object);
      } catch (error) {
        return errorResponse(c, error);
      }
    });
  }
}

async function readJson(c: HonoContext): Promise<unknown> {
  if (!c.req.header("content-type")?.startsWith("application/json"))
    throw new AppError("invalid", "Send JSON, with content-type: application/json.");
  const text = await c.req.text();
  const excess = findJsonExcess(text);
  if (excess) throw new AppError("invalid", `The request body ${excess}.`);
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("invalid", "The request body is not valid JSON.");
  }
}

/** The OpenAPI 3.1 document of the same rows. */
export function openApiDocument(routes: readonly Route[], version: string) {
  const docs = new OpenAPIHono();
  for (const route of routes)
    docs.openAPIRegistry.registerPath({
      method: route.method,
      path: `/api/w/{workspace}${route.path}`,
      summary: route.summary,
      description: `Needs the permission \`${route.permission}\`.`,
      request: {
        params: route.params,
        query: route.query,
        ...(route.body && { body: { content: { "application/json": { schema: route.body } } } }),
      },
      responses: {
        200: {
          description: "OK",
          content: route.response
            ? { "application/json": { schema: route.response } }
            : { "application/octet-stream": {} },
        },
      },
    });
  return docs.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "Jobdeck", version } });
}
